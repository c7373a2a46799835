import { claimed } from '../jobs/claim.ts';
import type { Job, JobError } from '../jobs/job.ts';
import { nameJob } from '../jobs/name-job.ts';
import { type EndPorts, endByManifest, endJob } from './end-job.ts';
import { holdClaim } from './hold-claim.ts';
import type { Ender } from './run-job.ts';
import { updateJob } from './update-job.ts';

/** How a job ends that nobody will try (again), and why. */
export type Ending = { status: 'failed' | 'rejected'; error: JobError };

/**
 * Ends a job that nobody will try again: takes it, publishes a manifest that says how it ended and why, and announces
 * it; unless a worker had published its result before it died.
 * Throws LostClaimError where a worker still holds the job or has ended it.
 */
export const endUnrendered = async (id: string, ending: Ending, ender: Ender, ports: EndPorts): Promise<Job> => {
  const { code, message } = ending.error;
  const error = { code, message };
  const job = await updateJob(ports.jobs, id, (stored) => ({
    ...claimed(stored, ender.owner, ports.now(), ender.leaseSeconds),
    attempt: stored.attempt,
    error,
  }));
  nameJob(ports.log, job);
  return holdClaim(
    job,
    ender.leaseSeconds,
    ports,
    async () =>
      (await endByManifest(job, ports, ender)) ?? endJob(job, { status: ending.status, error }, [], ports, ender),
  );
};
