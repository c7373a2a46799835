import { DependencyError } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../ports.ts';
import { existingJob } from './existing-job.ts';

const maxRaces = 5;

/**
 * Reads a job, changes it and stores it; where another write came in between, reads and changes it again, so that
 * `change` always judges the newest record. It may throw, which ends the attempt, or answer the same job, which writes
 * nothing.
 * Throws InternalError `NoSuchJob`, DependencyError `Contended` after five lost races.
 */
export const updateJob = async (jobs: JobStore, id: string, change: (job: Job) => Job): Promise<Job> => {
  for (let race = 0; race < maxRaces; race++) {
    const job = await existingJob(jobs, id);
    const changed = change(job);
    if (changed === job) return job;
    const stored = await jobs.replace(changed);
    if (stored !== undefined) return stored;
  }
  throw new DependencyError(`Expected to store job ${id} but ${maxRaces} other writes came first. Try again.`, {
    code: 'Contended',
  });
};
