import * as z from 'zod';
import type { JsonOperation } from '../json-protocol.ts';
import type { Scheduler } from './create-scheduler.ts';
import { describeJob, jobArn } from './describe-job.ts';
import type { Job } from './job.ts';
import { listJobs } from './list-jobs.ts';
import { type Catalogue, clientException, submitJob } from './submit-job.ts';

const describeJobsSchema = z.strictObject({ jobs: z.array(z.string()).max(100) });
const endJobSchema = z.strictObject({ jobId: z.string(), reason: z.string().min(1).max(1024) });

/** The operations of AWS Batch by path. */
export const batchOperations = (scheduler: Scheduler, catalogue: Catalogue): Record<string, JsonOperation> => {
  const findJob = (idOrArn: string) => scheduler.jobs.get(idOrArn.replace(/^arn:.*:job\//, ''));
  const ending =
    (end: (job: Job, reason: string) => void): JsonOperation =>
    (body) => {
      const { jobId, reason } = endJobSchema.parse(body);
      const job = findJob(jobId);
      if (!job) throw clientException(`Job ${jobId} not found`);
      end(job, reason);
      return {};
    };

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
    '/v1/canceljob': ending(scheduler.cancel),
    '/v1/terminatejob': ending(scheduler.terminate),
    '/v1/listjobs': (body) => listJobs(body, catalogue),
  };
};
