import * as z from 'zod';
import { paginate } from '../paginate.ts';
import { summarizeJob } from './describe-job.ts';
import { type Job, jobStatuses } from './job.ts';
import { type Catalogue, clientException, findQueue } from './submit-job.ts';

const filterNames = ['JOB_NAME', 'JOB_DEFINITION', 'BEFORE_CREATED_AT', 'AFTER_CREATED_AT'] as const;
const listJobsSchema = z.strictObject({
  jobQueue: z.string().optional(),
  arrayJobId: z.string().optional(),
  multiNodeJobId: z.string().optional(),
  jobStatus: z.enum(jobStatuses).default('RUNNING'),
  filters: z
    .array(z.strictObject({ name: z.enum(filterNames), values: z.array(z.string()).min(1) }))
    .max(1, 'Expected one filter at a time')
    .optional(),
  maxResults: z.int().min(1).max(1000).optional(),
  nextToken: z.string().optional(),
});

type Filter = { name: (typeof filterNames)[number]; values: string[] };

/** https://docs.aws.amazon.com/batch/latest/APIReference/API_ListJobs.html: less where jobs are filtered. */
const mostListed = { byStatus: 1000, byFilter: 100 };

/**
 * ListJobs: a queue's jobs of a status, or of every status that one filter finds; newest first. Jobs here are neither
 * arrays nor of several nodes, so that lists of children are empty.
 */
export const listJobs = (body: unknown, catalogue: Catalogue) => {
  const { jobQueue, arrayJobId, multiNodeJobId, jobStatus, filters = [], ...paging } = listJobsSchema.parse(body);
  if ([jobQueue, arrayJobId, multiNodeJobId].filter((id) => id !== undefined).length !== 1) {
    throw clientException('Expected exactly one of jobQueue, arrayJobId and multiNodeJobId');
  }
  const queue = jobQueue === undefined ? undefined : findQueue(jobQueue, catalogue);
  const [filter] = filters;
  const isFound = filter ? jobFilter(filter) : (job: Job) => job.status === jobStatus;
  const found = [...catalogue.jobs.values()].filter((job) => job.queue === queue && isFound(job)).reverse();
  const most = filter ? mostListed.byFilter : mostListed.byStatus;
  const maxResults = Math.min(paging.maxResults ?? most, most);
  const { page, nextToken } = paginate(found, ({ jobId }) => jobId, { ...paging, maxResults });
  return { jobSummaryList: page.map(summarizeJob), nextToken };
};

const jobFilter = ({ name, values }: Filter): ((job: Job) => boolean) => {
  if (name === 'JOB_NAME') {
    return ({ jobName }) => values.some((value) => matches(jobName.toLowerCase(), value.toLowerCase()));
  }
  if (name === 'JOB_DEFINITION') {
    return ({ jobDefinition }) => values.some((value) => isDefinedBy(jobDefinition, value));
  }
  const times = values.map(toTime);
  return ({ createdAt }) => times.some((time) => (name === 'BEFORE_CREATED_AT' ? createdAt < time : createdAt > time));
};

const matches = (text: string, pattern: string): boolean =>
  pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

/** An ARN means one revision, a name means all. */
const isDefinedBy = (definitionArn: string, value: string): boolean =>
  value.startsWith('arn:')
    ? definitionArn === value
    : matches(definitionArn.replace(/^.*job-definition\/|:\d+$/g, ''), value);

const toTime = (text: string): number => {
  if (/^\d+$/.test(text)) return Number(text);
  throw clientException(`Expected milliseconds since 1970 as a filter's value but received '${text}'`);
};
