import type { Job } from './job.ts';

/**
 * A job begun anew on a person's wish: as `queued` decides it today, with what the record knows of the past, so that
 * attempts, fencing numbers and executions go on counting and what older attempts wrote is still cleaned up.
 */
export const reopen = (ended: Job, queued: Job): Job => ({
  ...queued,
  revision: ended.revision,
  attempt: ended.attempt,
  run: ended.run + 1,
  execution: ended.execution + 1,
  fence: ended.fence,
  ...(ended.touched ? { touched: ended.touched } : {}),
});
