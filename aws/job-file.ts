import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { retryStrategySchema } from './retry-strategy.ts';

/** Up to 128 letters, digits, hyphens and underscores, beginning with a letter or digit: AWS Batch's rule for names. */
export const batchName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'Expected a name as AWS Batch allows it');

const positive = z.number().int().positive();

/** Where a container's volume comes from: a folder of its machine's scratch disk, or the deployment's EFS file system. */
const volumeSchema = z.union([
  z.strictObject({ name: z.string(), host: z.string() }),
  z.strictObject({ name: z.string(), efs: z.strictObject({ rootDirectory: z.string() }) }),
]);

const jobFileSchema = z.strictObject({
  name: batchName,
  image: z.string(),
  jobRole: z.literal('job'),
  executionRole: z.literal('execution'),
  command: z.array(z.string()).min(1),
  parameters: z.record(z.string(), z.string()).default({}),
  vcpus: positive,
  memoryMiB: positive,
  maxMemoryMiB: positive,
  diskMiB: positive,
  timeoutSeconds: positive,
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(volumeSchema).default([]),
  mountPoints: z.array(z.strictObject({ volume: z.string(), path: z.string(), readOnly: z.boolean() })).default([]),
  /** A user and group by number, never root: the machine's network and scratch disk trust that. */
  user: z
    .string()
    .regex(/^[1-9][0-9]*:[1-9][0-9]*$/, 'Expected a user and a group by number, not root, such as 1000:1000'),
  readonlyRootFilesystem: z.boolean(),
  /** The group is the deployment's; its streams begin with this. */
  logConfiguration: z.strictObject({ driver: z.literal('awslogs'), streamPrefix: z.string() }),
  retryStrategy: retryStrategySchema,
});

/** A container's job.yml: its Batch job definition, in Kadam's own words. */
export type JobFile = z.output<typeof jobFileSchema>;

/** The repository's folder: where containers run their commands from, locally and in the image. */
export const repository = new URL('..', import.meta.url);

/** The names of all containers: the folders of containers/ with a job.yml, in alphabetical order. */
export const containerNames = async (): Promise<string[]> => {
  const entries = await readdir(new URL('containers', repository), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
};

/** Reads a container's job.yml. Throws ConfigurationError `InvalidJobFile` with every fault in it. */
export const readJobFile = async (container: string): Promise<JobFile> => {
  const file = `containers/${container}/job.yml`;
  const parsed = jobFileSchema.safeParse(parse(await readFile(new URL(file, repository), 'utf8')));
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`Expected a job definition in ${file} but received:\n${z.prettifyError(parsed.error)}`, {
    code: 'InvalidJobFile',
  });
};
