import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { batchName } from './batch/job.ts';
import { retryStrategySchema } from './batch/retry-strategy.ts';

const positive = z.number().int().positive();
const jobFileSchema = z.strictObject({
  name: batchName,
  image: z.string(),
  jobRole: z.string(),
  executionRole: z.string(),
  command: z.array(z.string()).min(1),
  parameters: z.record(z.string(), z.string()).default({}),
  vcpus: positive,
  memoryMiB: positive,
  maxMemoryMiB: positive,
  diskMiB: positive,
  timeoutSeconds: positive,
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.strictObject({ name: z.string(), host: z.string() })).default([]),
  mountPoints: z.array(z.strictObject({ volume: z.string(), path: z.string(), readOnly: z.boolean() })).default([]),
  user: z.string(),
  readonlyRootFilesystem: z.boolean(),
  logConfiguration: z.strictObject({ driver: z.string(), group: z.string() }),
  retryStrategy: retryStrategySchema,
});

/** A container's job.yml: its Batch job definition, in Kadam's own words. */
export type JobFile = z.output<typeof jobFileSchema>;

/** The repository's folder: where containers run their commands from, locally and in the image. */
export const repository = new URL('..', import.meta.url);

/** Reads a container's job.yml. Throws ConfigurationError `InvalidJobFile` with every fault in it. */
export const readJobFile = async (container: string): Promise<JobFile> => {
  const file = `containers/${container}/job.yml`;
  const parsed = jobFileSchema.safeParse(parse(await readFile(new URL(file, repository), 'utf8')));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`Expected a job definition in ${file} but received:\n${z.prettifyError(parsed.error)}`, {
    code: 'InvalidJobFile',
  });
};
