import type { Log } from '../ports.ts';
import type { Job } from './job.ts';

/** What the log says of a job that is under way. */
export const jobFields = (job: Job) => ({
  job: job.id,
  key: job.upload.key,
  recipe: job.recipe.name,
  target: job.decision.target,
  execution: job.execution,
  attempt: job.attempt,
});

/** Has every further line of this unit of work name the job, as its record stands now. */
export const nameJob = (log: Pick<Log, 'add'>, job: Job): void => log.add(jobFields(job));
