import type { ContainerFilter } from '../filters/container-filter.ts';
import { batchDollars, defaultFleet, lambdaDollars } from '../money/job-dollars.ts';
import type { Architecture, Market } from '../money/machine-prices.ts';
import { workerMiB } from '../predict/estimate-space.ts';
import { containerLimits, type RoutingLimits } from '../route/limits.ts';
import type { Deployment } from './end-job.ts';
import type { Ender, Worker } from './run-job.ts';

/** What a function's context tells of the invocation: the part of AWS Lambda's own that workers need. */
export type InvocationContext = {
  awsRequestId: string;
  memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
};

/** What this process runs on, in the words of price lists. */
const architecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';

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
    containerFilters: [],
    dollars: (seconds) => lambdaDollars(seconds, Number(context.memoryLimitInMB), architecture, limits.lambda.diskMiB),
    renderMemoryMiB: Number(context.memoryLimitInMB) - workerMiB,
  };
};

/** One attempt of a Batch job, as its container knows of it. */
export type BatchAttempt = {
  jobId: string;
  attempt: number;
  memoryMiB: number;
  market: Market;
  leaseSeconds: number;
  /** The folder of containers/ that it runs. */
  container: string;
  /** The filters that this and other containers bring along. */
  containerFilters: readonly ContainerFilter[];
};

/** One attempt of a Batch job as a worker. Throws ConfigurationError `NoSuchContainer`. */
export const batchWorker = (
  job: BatchAttempt,
  limits: RoutingLimits,
  deployment: Deployment,
  now: () => number,
  interrupted: AbortSignal,
): Worker => {
  const { timeoutSeconds, vcpus } = containerLimits(limits, job.container);
  const deadline = now() + timeoutSeconds * 1000;
  return {
    ...deployment,
    owner: { kind: 'batch', jobId: job.jobId, attempt: job.attempt },
    leaseSeconds: job.leaseSeconds,
    secondsLeft: () => Math.max(0, (deadline - now()) / 1000 - closingSeconds(timeoutSeconds)),
    memoryMiB: job.memoryMiB,
    limits,
    dollars: (seconds) =>
      batchDollars(seconds, { vcpus, memoryMiB: job.memoryMiB }, job.market, { ...defaultFleet, architecture }),
    containerFilters: job.containerFilters,
    renderMemoryMiB: job.memoryMiB - workerMiB,
    interrupted,
  };
};
