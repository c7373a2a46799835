import * as z from 'zod';
import type { Job, JobState } from '../../core/jobs/job.ts';
import type { JobList, JobSummary } from './answers.ts';
import type { ConsoleJobs } from './create-console.ts';

const states = ['queued', 'running', 'done', 'rejected', 'failed', 'superseded', 'gone'] as const satisfies JobState[];

const querySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(5000).default(200),
  text: z.string().default(''),
  /** `open` is queued or running. */
  state: z.enum(['', 'open', ...states]).default(''),
});

/** How far back filters look. */
const searched = 5000;

/** A job as a row of the table. */
export const summarize = (job: Job, measured: number | undefined): JobSummary => ({
  id: job.id,
  key: job.upload.key,
  bytes: job.upload.bytes,
  recipe: job.recipe.name,
  way: job.decision.target,
  state: job.state,
  predicted: job.decision.target === 'reject' ? undefined : job.decision.estimate?.seconds,
  measured,
  arrivedAt: job.createdAt,
  endedAt: job.endedAt,
  error: job.error,
});

/** The newest jobs that a query asks for. Throws ZodError for a query that is malformed. */
export const listJobs = async (
  query: unknown,
  jobs: ConsoleJobs,
  measurementOf: (job: Job) => Promise<number | undefined>,
): Promise<JobList> => {
  const { limit, text, state } = querySchema.parse(query);
  const isFiltered = text !== '' || state !== '';
  const recent = await jobs.recent(isFiltered ? searched : limit + 1);
  const found = recent.filter((job) => isInState(job, state) && contains(job, text.toLowerCase()));
  const shown = found.slice(0, limit);
  return {
    jobs: await Promise.all(shown.map(async (job) => summarize(job, await measurementOf(job)))),
    isMore: found.length > limit,
  };
};

const isInState = ({ state }: Job, wanted: string): boolean =>
  wanted === '' || state === wanted || (wanted === 'open' && (state === 'queued' || state === 'running'));

const contains = ({ id, upload, recipe, error }: Job, text: string): boolean =>
  [upload.key, recipe.name, id, error?.code ?? ''].some((field) => field.toLowerCase().includes(text));
