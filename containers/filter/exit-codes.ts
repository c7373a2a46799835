import { CapacityError, KadamError, StoppedError } from '../../core/errors.ts';

/**
 * What the container's exit code tells Batch and the state machine. Batch itself retries everything but a kill (137) and
 * the codes that begin with 2, because whatever else ends a container (a crash, a start that failed, an image that was
 * not pulled) is the infrastructure's doing; the codes that begin with 2 are the state machine's to judge.
 */
export const exitCodes = {
  /** The job has ended and its record says how: done, rejected, superseded or gone. */
  ended: 0,
  /** A service failed: another attempt may succeed. */
  tryAgain: 10,
  /** This container has too little memory for the job: it is given more, once. */
  tooLittleMemory: 20,
  /** A fault in Kadam or in its configuration: the same would happen again. */
  fault: 21,
  /** This container has too little time or disk for the job: the same would happen again, with more memory too. */
  tooSmall: 22,
  /** The container was asked to stop, as where its host is taken away: the job goes on on On-Demand. */
  stopped: 23,
} as const;

/** The exit code for an error that ended the container. Unknown errors are tried again: they may be a service's. */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof StoppedError) return exitCodes.stopped;
  if (error instanceof CapacityError) {
    return error.code === 'OutOfMemory' ? exitCodes.tooLittleMemory : exitCodes.tooSmall;
  }
  if (error instanceof KadamError && !error.retryable) return exitCodes.fault;
  return exitCodes.tryAgain;
};
