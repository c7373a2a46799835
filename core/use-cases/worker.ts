import { workerMiB } from '../predict/estimate-space.ts';
import type { RoutingLimits } from '../route/limits.ts';
import type { Deployment } from './end-job.ts';
import type { Ender, Worker } from './run-job.ts';

/** What a function's context tells of the invocation: the part of AWS Lambda's own that workers need. */
export type InvocationContext = {
  awsRequestId: string;
  memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
};

/** Seconds kept back for publishing what was rendered, or for handing the job over. */
const closingSeconds = (limitSeconds: number): number => Math.min(20, limitSeconds * 0.1);

/** A function's invocation as one that ends jobs without rendering. */
export const functionEnder = (
  { awsRequestId }: Pick<InvocationContext, 'awsRequestId'>,
  deployment: Deployment,
  leaseSeconds: number,
): Ender => ({ ...deployment, owner: { kind: 'lambda', requestId: awsRequestId }, leaseSeconds });

/** A function's invocation as a worker: it may render until shortly before its deadline. */
export const functionWorker = (
  context: InvocationContext,
  deployment: Deployment,
  leaseSeconds: number,
  limits: RoutingLimits,
): Worker => {
  const limitSeconds = context.getRemainingTimeInMillis() / 1000;
  return {
    ...functionEnder(context, deployment, leaseSeconds),
    secondsLeft: () => Math.max(0, context.getRemainingTimeInMillis() / 1000 - closingSeconds(limitSeconds)),
    memoryMiB: Number(context.memoryLimitInMB),
    limits,
    renderMemoryMiB: Number(context.memoryLimitInMB) - workerMiB,
  };
};

/** One attempt of a Batch job as a worker. */
export const batchWorker = (
  job: { jobId: string; attempt: number; memoryMiB: number; leaseSeconds: number },
  limits: RoutingLimits,
  deployment: Deployment,
  now: () => number,
  interrupted: AbortSignal,
): Worker => {
  const deadline = now() + limits.batch.timeoutSeconds * 1000;
  return {
    ...deployment,
    owner: { kind: 'batch', jobId: job.jobId, attempt: job.attempt },
    leaseSeconds: job.leaseSeconds,
    secondsLeft: () => Math.max(0, (deadline - now()) / 1000 - closingSeconds(limits.batch.timeoutSeconds)),
    memoryMiB: job.memoryMiB,
    limits,
    renderMemoryMiB: job.memoryMiB - workerMiB,
    interrupted,
  };
};
