import { claimed } from '../jobs/claim.ts';
import type { Job, JobError } from '../jobs/job.ts';
import { endJob } from './end-job.ts';
import type { RunPorts, Worker } from './run-job.ts';
import { updateJob } from './update-job.ts';

/**
 * Ends a job that nobody will try again: takes it, publishes a manifest that says `failed` and why, and announces it.
 * Throws LostClaimError where a worker still holds the job or has ended it.
 */
export const endAsFailed = async (
  id: string,
  error: JobError,
  worker: Pick<Worker, 'owner' | 'leaseSeconds' | 'version' | 'outputBucket'>,
  ports: Omit<RunPorts, 'recipes'>,
): Promise<Job> => {
  const job = await updateJob(ports.jobs, id, (stored) => ({
    ...claimed(stored, worker.owner, ports.now(), worker.leaseSeconds),
    attempt: stored.attempt,
  }));
  const { code, message } = error;
  return endJob(job, { status: 'failed', error: { code, message } }, [], ports, worker);
};
