import type { JobDetail, JobSummary, ResourceRequirement } from '@aws-sdk/client-batch';
import { accountId, jobQueueArn, region } from '../names.ts';
import type { Job } from './job.ts';

export const jobArn = (jobId: string): string => `arn:aws:batch:${region}:${accountId}:job/${jobId}`;

/** A record as AWS lists it. */
export const namedValues = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** What a job gets, as AWS writes it. */
export const resourceRequirements = ({
  vcpus,
  memoryMiB,
}: {
  vcpus: number;
  memoryMiB: number;
}): ResourceRequirement[] => [
  { type: 'VCPU', value: String(vcpus) },
  { type: 'MEMORY', value: String(memoryMiB) },
];

/** A job as DescribeJobs answers it. */
export const describeJob = (job: Job): JobDetail => {
  const newest = job.attempts.at(-1);
  return {
    jobArn: jobArn(job.jobId),
    jobId: job.jobId,
    jobName: job.jobName,
    jobQueue: jobQueueArn(job.queue),
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
      command: job.command,
      environment: namedValues(job.environment),
      exitCode: newest?.exitCode,
      reason: newest?.reason,
      logStreamName: job.logStreamName,
      vcpus: job.vcpus,
      memory: job.memoryMiB,
      resourceRequirements: resourceRequirements(job),
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
