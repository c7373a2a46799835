import * as z from 'zod';

const eventSchema = z.strictObject({
  type: z.string(),
  /** Milliseconds since the epoch, as are all times of an execution. */
  timestamp: z.number(),
  /** The one field of details that an event of this type has, such as `taskFailedEventDetails`. */
  details: z.record(z.string(), z.record(z.string(), z.json())),
});

/** An execution as it is kept. */
export const executionSchema = z.strictObject({
  executionArn: z.string(),
  stateMachineArn: z.string(),
  name: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  startDate: z.number(),
  stopDate: z.number().optional(),
  /** JSON text as it came. */
  input: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  /** What has happened since the execution began, or began again after a restart. */
  events: z.array(eventSchema),
  /** Whether whoever hears of endings has dealt with this one. */
  isAnnounced: z.boolean(),
  openJobs: z.array(z.strictObject({ state: z.string(), request: z.string(), jobId: z.string() })),
});

export type Execution = z.infer<typeof executionSchema>;
export type ExecutionEvent = z.infer<typeof eventSchema>;
