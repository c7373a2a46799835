import { workerMiB } from '../predict/estimate-space.ts';
import type { Deployment } from './end-job.ts';
import type { Worker } from './run-job.ts';

/** What a function's context tells of the invocation: the part of AWS Lambda's own that workers need. */
export type InvocationContext = {
  awsRequestId: string;
  memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
};

/** Seconds kept back for publishing what was rendered, or for handing the job over. */
const closingSeconds = (limitSeconds: number): number => Math.min(20, limitSeconds * 0.1);

/** A function's invocation as a worker: it may render until shortly before its deadline. */
export const functionWorker = (context: InvocationContext, deployment: Deployment, leaseSeconds: number): Worker => {
  const limitSeconds = context.getRemainingTimeInMillis() / 1000;
  return {
    ...deployment,
    owner: { kind: 'lambda', requestId: context.awsRequestId },
    leaseSeconds,
    secondsLeft: () => Math.max(0, context.getRemainingTimeInMillis() / 1000 - closingSeconds(limitSeconds)),
    memoryMiB: Number(context.memoryLimitInMB),
    renderMemoryMiB: Number(context.memoryLimitInMB) - workerMiB,
  };
};

/** One attempt of a Batch job as a worker. */
export const batchWorker = (
  job: { jobId: string; attempt: number; memoryMiB: number; timeoutSeconds: number; leaseSeconds: number },
  deployment: Deployment,
  now: () => number,
  interrupted: AbortSignal,
): Worker => {
  const deadline = now() + job.timeoutSeconds * 1000;
  return {
    ...deployment,
    owner: { kind: 'batch', jobId: job.jobId, attempt: job.attempt },
    leaseSeconds: job.leaseSeconds,
    secondsLeft: () => Math.max(0, (deadline - now()) / 1000 - closingSeconds(job.timeoutSeconds)),
    memoryMiB: job.memoryMiB,
    renderMemoryMiB: job.memoryMiB - workerMiB,
    interrupted,
  };
};
