import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { JobFile } from '../../aws/job-file.ts';
import { batchName } from '../../aws/job-file.ts';
import { retryStrategySchema } from '../../aws/retry-strategy.ts';
import { ServiceError } from '../json-protocol.ts';
import { jobDefinitionArn, jobQueueArn } from '../names.ts';
import type { Job } from './job.ts';

/**
 * What a job.yml says to Batch; the rest, such as its roles, is for AWS and has no meaning here. The image is never run,
 * but where one is named its Dockerfile has to be there, or it cannot be pulled. In the command `node` as the first word
 * is the Node that runs Kadam, and `Ref::name` words are parameters.
 */
export type JobDefinition = Pick<
  JobFile,
  'name' | 'command' | 'vcpus' | 'memoryMiB' | 'environment' | 'retryStrategy'
> & { parameters?: Record<string, string>; timeoutSeconds?: number; image?: string; schedulingPriority?: number };

/** A job has the vCPUs of its definition, so that none asks for more than the queue can ever hold. */
const requirement = z.strictObject({
  type: z.literal('MEMORY'),
  value: z.string().regex(/^[1-9][0-9]*$/, 'Expected a whole number'),
});

const notSupported = (names: readonly string[] = []): string =>
  `${names.map((name) => `"${name}"`).join(', ')} not supported`;

export const submitJobSchema = z.strictObject({
  jobName: batchName,
  jobQueue: z.string(),
  jobDefinition: z.string(),
  shareIdentifier: z
    .string()
    .regex(/^[A-Za-z0-9]{1,255}$/, 'Expected at most 255 letters and digits')
    .optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  containerOverrides: z
    .strictObject(
      { resourceRequirements: z.array(requirement).max(1).optional() },
      // A job is a process of this machine: whoever reaches the endpoint is not to say which.
      { error: (issue) => (issue.code === 'unrecognized_keys' ? notSupported(issue.keys) : undefined) },
    )
    .optional(),
  retryStrategy: retryStrategySchema.optional(),
  timeout: z.strictObject({ attemptDurationSeconds: z.int().min(60) }).optional(),
  dependsOn: z
    .array(z.strictObject({ jobId: z.string() }))
    .max(20)
    .default([]),
});

export type Catalogue = {
  queues: readonly string[];
  definitions: readonly JobDefinition[];
  jobs: ReadonlyMap<string, Job>;
};

/** Makes the job that a SubmitJob request asks for. Throws ServiceError for what AWS or this Batch does not take. */
export const submitJob = (body: unknown, catalogue: Catalogue): Job => {
  const request = submitJobSchema.parse(body);
  const queue = findQueue(request.jobQueue, catalogue);
  const definition = findDefinition(request.jobDefinition, catalogue);
  if (request.shareIdentifier !== undefined && definition.schedulingPriority === undefined) {
    throw clientException('Either schedulingPriority in job definition or schedulingPriorityOverride is required');
  }
  const dependsOn = request.dependsOn.map(({ jobId }) => jobId);
  const unknownJob = dependsOn.find((jobId) => !catalogue.jobs.has(jobId));
  if (unknownJob !== undefined) throw clientException(`dependsOn: Job ${unknownJob} not found`);

  const { resourceRequirements = [] } = request.containerOverrides ?? {};
  const parameters = { ...definition.parameters, ...request.parameters };
  return {
    jobId: randomUUID(),
    jobName: request.jobName,
    queue,
    shareIdentifier: request.shareIdentifier,
    jobDefinition: jobDefinitionArn(definition.name, onlyRevision),
    status: 'SUBMITTED',
    createdAt: Date.now(),
    attempts: [],
    dependsOn,
    image: definition.image,
    parameters,
    command: definition.command.map((word) => substitute(word, parameters)),
    environment: definition.environment,
    vcpus: definition.vcpus,
    memoryMiB: Number(resourceRequirements[0]?.value ?? definition.memoryMiB),
    retryStrategy: request.retryStrategy ?? definition.retryStrategy,
    timeoutSeconds: request.timeout?.attemptDurationSeconds ?? definition.timeoutSeconds,
    isCancelled: false,
    isTerminated: false,
  };
};

export const clientException = (message: string) => new ServiceError('ClientException', message);

/** The name of the queue that a name or an ARN means. Throws ServiceError where there is none. */
export const findQueue = (reference: string, { queues }: Catalogue): string => {
  const name = nameOf(reference, 'job-queue');
  if (queues.includes(name)) return name;
  throw clientException(`JobQueue ${jobQueueArn(name)} not found`);
};

/** Local definitions are never registered anew, so each has this one revision. */
const onlyRevision = 1;

/** The definition that a name, a name and revision, or an ARN means. */
const findDefinition = (reference: string, { definitions }: Catalogue): JobDefinition => {
  const [name, revision = String(onlyRevision)] = nameOf(reference, 'job-definition').split(':');
  const found = definitions.find((definition) => definition.name === name && revision === String(onlyRevision));
  if (found) return found;
  throw clientException(`JobDefinition ${reference} not found`);
};

const nameOf = (nameOrArn: string, kind: 'job-queue' | 'job-definition'): string => {
  const [, arnKind, name] = /^arn:aws[a-z-]*:batch:[^:]*:[^:]*:([a-z-]+)\/(.+)$/.exec(nameOrArn) ?? [];
  if (name === undefined) return nameOrArn;
  if (arnKind === kind) return name;
  throw clientException(`Expected the ARN of a ${kind} but received ${nameOrArn}`);
};

// As on AWS a placeholder is a whole word of the command; one without a value stays as it is.
const substitute = (word: string, parameters: Record<string, string>): string =>
  word.startsWith('Ref::') ? (parameters[word.slice('Ref::'.length)] ?? word) : word;
