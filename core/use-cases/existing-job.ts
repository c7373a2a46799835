import { InternalError } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../ports.ts';

/** The record of a job that somebody speaks of. Throws InternalError `NoSuchJob`. */
export const existingJob = async (jobs: Pick<JobStore, 'get'>, id: string): Promise<Job> => {
  const job = await jobs.get(id);
  if (job !== undefined) return job;
  throw new InternalError(
    `Expected a record of job ${id} but there is none. Upload the picture again, and remove the message or execution.`,
    { code: 'NoSuchJob' },
  );
};
