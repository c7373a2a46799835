import * as z from 'zod';
import { retryStrategySchema } from '../../aws/retry-strategy.ts';

/** Statuses in the order in which a job passes through them; a retried job goes back to RUNNABLE. */
export const jobStatuses = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;

const attemptSchema = z.strictObject({
  startedAt: z.number(),
  stoppedAt: z.number(),
  statusReason: z.string(),
  exitCode: z.number().optional(),
  reason: z.string().optional(),
  logStreamName: z.string().optional(),
});

/** A job as it is kept: everything it needs to run again after a restart, whatever became of its definition. */
export const jobSchema = z.strictObject({
  jobId: z.string(),
  jobName: z.string(),
  queue: z.string(),
  shareIdentifier: z.string().optional(),
  jobDefinition: z.string(),
  status: z.enum(jobStatuses),
  statusReason: z.string().optional(),
  /** Milliseconds since the epoch, as are all times of a job. */
  createdAt: z.number(),
  startedAt: z.number().optional(),
  stoppedAt: z.number().optional(),
  /** The attempts that ended. */
  attempts: z.array(attemptSchema),
  /** The log of the newest attempt. */
  logStreamName: z.string().optional(),
  dependsOn: z.array(z.string()),
  image: z.string().optional(),
  parameters: z.record(z.string(), z.string()),
  /** With the parameters put in. */
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
  vcpus: z.number(),
  memoryMiB: z.number(),
  retryStrategy: retryStrategySchema,
  timeoutSeconds: z.number().optional(),
  isCancelled: z.boolean(),
  isTerminated: z.boolean(),
});

export type Job = z.infer<typeof jobSchema>;

export const isEnded = (job: Job): boolean => job.status === 'SUCCEEDED' || job.status === 'FAILED';
