import { CancelledError, CapacityError, KadamError, LostClaimError } from '../errors.ts';
import { released } from '../jobs/claim.ts';
import type { Job, JobError } from '../jobs/job.ts';
import type { Clock, JobStore, Log } from '../ports.ts';
import { keepClaim } from './keep-claim.ts';
import { updateJob } from './update-job.ts';

type ClaimPorts = { jobs: JobStore; now: Clock; log: Log };

/**
 * Works on a claimed job while its lease is renewed. Where the work fails, the claim is given back with the reason, so
 * that the next attempt need not wait for the lease to run out; the error is thrown on.
 */
export const holdClaim = async (
  job: Job,
  leaseSeconds: number,
  ports: ClaimPorts,
  work: (signal: AbortSignal) => Promise<Job>,
): Promise<Job> => {
  const claim = keepClaim(job, leaseSeconds, ports);
  try {
    return await work(claim.signal);
  } catch (error) {
    await giveBack(job, error, ports);
    throw error;
  } finally {
    claim.stop();
  }
};

/** Whether an attempt ended as it is meant to: another worker, a person or a function's limits put an end to it. */
const isNoFault = ({ decision }: Job, error: unknown): boolean =>
  error instanceof LostClaimError ||
  error instanceof CancelledError ||
  (error instanceof CapacityError && decision.target === 'lambda');

const giveBack = async (job: Job, error: unknown, ports: ClaimPorts): Promise<void> => {
  ports.log.write(isNoFault(job, error) ? 'warn' : 'error', 'attempt failed', { error });
  try {
    await updateJob(ports.jobs, job.id, (stored) =>
      // What the job already failed of says more than that writing so failed.
      stored.claim?.fence === job.fence ? released(stored, job.error ?? describeError(error)) : stored,
    );
  } catch (failure) {
    // The lease runs out by itself; the first error is the one that matters to whoever decides what comes next.
    ports.log.write('warn', 'claim not given back', { error: failure });
  }
};

/** An error as records and manifests hold it. */
export const describeError = (error: unknown): JobError =>
  error instanceof KadamError
    ? { code: error.code, message: error.message }
    : { code: 'Unexpected', message: error instanceof Error ? error.message : String(error) };
