import type { JobDetail, JobSummary } from '@aws-sdk/client-batch';
import { accountId, jobQueueArn, region } from '../names.ts';
import type { Job } from './job.ts';

export const jobArn = (jobId: string): string => `arn:aws:batch:${region}:${accountId}:job/${jobId}`;

/** A job as DescribeJobs answers it. */
export const describeJob = (job: Job): JobDetail => {
  const newest = job.attempts.at(-1);
  return {
    jobArn: jobArn(job.jobId),
    jobId: job.jobId,
    jobName: job.jobName,
    jobQueue: jobQueueArn(job.queue),
    shareIdentifier: job.shareIdentifier,
    jobDefinition: job.jobDefinition,
    status: job.status,
    statusReason: job.statusReason,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    stoppedAt: job.stoppedAt,
    attempts: job.attempts.map(({ exitCode, reason, logStreamName, ...attempt }) => ({
      ...attempt,
      container: { exitCode, reason, logStreamName },
    })),
    container: {
      image: job.image,
      command: job.command,
      environment: Object.entries(job.environment).map(([name, value]) => ({ name, value })),
      exitCode: newest?.exitCode,
      reason: newest?.reason,
      logStreamName: job.logStreamName,
      vcpus: job.vcpus,
      memory: job.memoryMiB,
      resourceRequirements: [
        { type: 'VCPU', value: String(job.vcpus) },
        { type: 'MEMORY', value: String(job.memoryMiB) },
      ],
    },
    dependsOn: job.dependsOn.map((jobId) => ({ jobId })),
    parameters: job.parameters,
    retryStrategy: job.retryStrategy,
    timeout: job.timeoutSeconds === undefined ? undefined : { attemptDurationSeconds: job.timeoutSeconds },
    isCancelled: job.isCancelled,
    isTerminated: job.isTerminated,
    platformCapabilities: ['EC2'],
  };
};

/** A job as ListJobs answers it. */
export const summarizeJob = (job: Job): JobSummary => {
  const { jobId, jobName, status, statusReason, createdAt, startedAt, stoppedAt, jobDefinition } = job;
  const newest = job.attempts.at(-1);
  return {
    jobArn: jobArn(jobId),
    jobId,
    jobName,
    status,
    statusReason,
    createdAt,
    startedAt,
    stoppedAt,
    jobDefinition,
    container: newest && { exitCode: newest.exitCode, reason: newest.reason },
  };
};
