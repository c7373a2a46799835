import * as z from 'zod';
import type { JsonOperation } from '../json-protocol.ts';
import { paginate } from '../paginate.ts';
import type { Scheduler } from './create-scheduler.ts';
import { describeJob, jobArn, summarizeJob } from './describe-job.ts';
import { jobStatuses } from './job.ts';
import { type Catalogue, clientException, findQueue, submitJob } from './submit-job.ts';

const describeJobsSchema = z.strictObject({ jobs: z.array(z.string()).max(100) });
const terminateJobSchema = z.strictObject({ jobId: z.string(), reason: z.string().max(1024) });
const listJobsSchema = z.strictObject({
  jobQueue: z.string(),
  jobStatus: z.enum(jobStatuses).default('RUNNING'),
  maxResults: z.int().min(1).max(100).default(100),
  nextToken: z.string().optional(),
});

/** The operations of AWS Batch by path. */
export const batchOperations = (scheduler: Scheduler, catalogue: Catalogue): Record<string, JsonOperation> => {
  const findJob = (idOrArn: string) => scheduler.jobs.get(idOrArn.replace(/^arn:.*:job\//, ''));

  return {
    '/v1/submitjob': (body) => {
      const job = submitJob(body, catalogue);
      scheduler.submit(job);
      return { jobArn: jobArn(job.jobId), jobId: job.jobId, jobName: job.jobName };
    },
    '/v1/describejobs': (body) => {
      const found = describeJobsSchema.parse(body).jobs.map(findJob);
      return { jobs: found.filter((job) => job !== undefined).map(describeJob) };
    },
    '/v1/terminatejob': (body) => {
      const { jobId, reason } = terminateJobSchema.parse(body);
      const job = findJob(jobId);
      if (!job) throw clientException(`Job ${jobId} not found`);
      scheduler.terminate(job, reason);
      return {};
    },
    '/v1/listjobs': (body) => {
      const { jobQueue, jobStatus, ...paging } = listJobsSchema.parse(body);
      const queue = findQueue(jobQueue, catalogue);
      const found = [...scheduler.jobs.values()].filter((job) => job.queue === queue && job.status === jobStatus);
      const { page, nextToken } = paginate(found, ({ jobId }) => jobId, paging);
      return { jobSummaryList: page.map(summarizeJob), nextToken };
    },
  };
};
