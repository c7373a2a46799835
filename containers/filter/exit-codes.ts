import { CapacityError, KadamError } from '../../core/errors.ts';

/**
 * What the container's exit code tells Batch: job.yml retries everything but the codes that begin with 2, because
 * whatever else ends a container (a reclaim, a kill, an image that was not pulled) is the infrastructure's doing.
 */
export const exitCodes = {
  /** The job has ended and its record says how: done, rejected, superseded or gone. */
  ended: 0,
  /** A service failed, or the container was asked to stop: another attempt may succeed. */
  tryAgain: 10,
  /** This container is too small for the job: the same size would fail again. */
  tooSmall: 20,
  /** A fault in Kadam or in its configuration: the same would happen again. */
  fault: 21,
} as const;

/** The exit code for an error that ended the container. Unknown errors are tried again: they may be a service's. */
export const exitCodeOf = (error: unknown): number => {
  if (error instanceof CapacityError) return exitCodes.tooSmall;
  if (error instanceof KadamError && !error.retryable) return exitCodes.fault;
  return exitCodes.tryAgain;
};
