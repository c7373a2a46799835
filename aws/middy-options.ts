/**
 * By default middy answers 5 ms before the deadline and lets the work go on: on AWS it would thaw inside somebody
 * else's invocation. Without that, the runtime kills the function, and the job's expired claim tells what happened.
 */
export const middyOptions = { timeoutEarlyInMillis: 0 };
