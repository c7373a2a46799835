import { claimed } from '../jobs/claim.ts';
import type { Job, JobError } from '../jobs/job.ts';
import { type EndPorts, endByManifest, endJob } from './end-job.ts';
import { holdClaim } from './hold-claim.ts';
import type { Ender } from './run-job.ts';
import { updateJob } from './update-job.ts';

/**
 * Ends a job that nobody will try again: takes it, publishes a manifest that says `failed` and why, and announces it;
 * unless a worker had published its result before it died.
 * Throws LostClaimError where a worker still holds the job or has ended it.
 */
export const endAsFailed = async (id: string, error: JobError, ender: Ender, ports: EndPorts): Promise<Job> => {
  const { code, message } = error;
  const job = await updateJob(ports.jobs, id, (stored) => ({
    ...claimed(stored, ender.owner, ports.now(), ender.leaseSeconds),
    attempt: stored.attempt,
    error: { code, message },
  }));
  return holdClaim(
    job,
    ender.leaseSeconds,
    ports,
    async () =>
      (await endByManifest(job, ports, ender)) ??
      endJob(job, { status: 'failed', error: { code, message } }, [], ports, ender),
  );
};
