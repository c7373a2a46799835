import * as z from 'zod';
import { retryStrategySchema } from './retry-strategy.ts';

/** Up to 128 letters, digits, hyphens and underscores, beginning with a letter or digit: AWS Batch's rule for names. */
export const batchName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'Expected a name as AWS Batch allows it');

/** What a definition says beyond this, such as its image and roles, is for AWS and has no meaning here. */
export const jobDefinitionSchema = z.object({
  name: batchName,
  /** `node` as the first word is the Node that runs Kadam. `Ref::name` words are parameters. */
  command: z.array(z.string()).min(1),
  vcpus: z.int().min(1),
  memoryMiB: z.int().min(4),
  environment: z.record(z.string(), z.string()),
  /** Defaults of the parameters. */
  parameters: z.record(z.string(), z.string()).optional(),
  retryStrategy: retryStrategySchema,
  /** Per attempt. Less than AWS's minimum of 60 is allowed here, so that a time-out can be seen in seconds. */
  timeoutSeconds: z.number().positive().optional(),
});

export type LocalJobDefinition = z.input<typeof jobDefinitionSchema>;
export type JobDefinition = z.infer<typeof jobDefinitionSchema>;

/** Local definitions are never registered anew, so each has this one revision. */
export const onlyRevision = 1;
