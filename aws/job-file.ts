import { access, readdir, readFile } from 'node:fs/promises';
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

/** The names of all containers: the folders of containers/, each of which has to have a job.yml, in alphabetical order. */
export const containerNames = async (): Promise<string[]> => {
  const entries = await readdir(new URL('containers', repository), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
};

const readJobText = async (container: string, file: string): Promise<string> => {
  try {
    return await readFile(new URL(file, repository), 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new ConfigurationError(
      `Expected ${file}, since every folder of containers/ is a container, but there is none. Write one ` +
        `(docs/containers.md), or move the folder ${container} out of containers/.`,
      { code: 'InvalidJobFile', cause: error },
    );
  }
};

/** What a job.yml that was copied from another container's says of that one still. */
const copiedFaults = async (container: string, job: JobFile): Promise<string[]> => {
  const image = `containers/${container}/Dockerfile`;
  const named = job.command.indexOf('--container');
  // The filter container's own worker needs no name.
  const worksAs = named < 0 ? 'filter' : job.command[named + 1];
  const hasImage = await access(new URL(image, repository)).then(
    () => true,
    () => false,
  );
  return [
    job.name === `kadam-${container}` ? '' : `name: expected kadam-${container}, got ${job.name}`,
    job.image === image ? '' : `image: expected ${image}, got ${job.image}`,
    hasImage ? '' : `image: there is no ${image}`,
    worksAs === container ? '' : `command: expected the words --container ${container}, got ${job.command.join(' ')}`,
    job.memoryMiB <= job.maxMemoryMiB
      ? ''
      : `memoryMiB: expected at most maxMemoryMiB (${job.maxMemoryMiB}), got ${job.memoryMiB}`,
  ].filter((fault) => fault !== '');
};

/** Reads a container's job.yml. Throws ConfigurationError `InvalidJobFile` with every fault in it, or where it is missing. */
export const readJobFile = async (container: string): Promise<JobFile> => {
  const file = `containers/${container}/job.yml`;
  const parsed = jobFileSchema.safeParse(parse(await readJobText(container, file)));
  const faults = parsed.success ? await copiedFaults(container, parsed.data) : [z.prettifyError(parsed.error)];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new ConfigurationError(`Expected a job definition in ${file} but received:\n${faults.join('\n')}`, {
    code: 'InvalidJobFile',
  });
};
