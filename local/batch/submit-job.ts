import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { jobDefinitionArn, jobQueueArn } from '../names.ts';
import { ClientException, readRequest } from './client-exception.ts';
import type { Job } from './job.ts';
import { batchName, type JobDefinition, onlyRevision } from './job-definition.ts';
import { retryStrategySchema } from './retry-strategy.ts';

const requestSchema = z.strictObject({
  jobName: batchName,
  jobQueue: z.string(),
  jobDefinition: z.string(),
  parameters: z.record(z.string(), z.string()).optional(),
  containerOverrides: z
    .strictObject({
      command: z.array(z.string()).min(1).optional(),
      environment: z
        .array(
          z.strictObject({
            name: z.string().regex(/^(?!AWS_BATCH)[^=]+$/, 'Expected a name that does not begin with AWS_BATCH'),
            value: z.string(),
          }),
        )
        .optional(),
      resourceRequirements: z
        .array(
          z.strictObject({
            type: z.enum(['VCPU', 'MEMORY']),
            value: z.string().regex(/^[1-9][0-9]*$/, 'Expected a whole number'),
          }),
        )
        .optional(),
    })
    .optional(),
  retryStrategy: retryStrategySchema.optional(),
  timeout: z.strictObject({ attemptDurationSeconds: z.int().min(60) }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  propagateTags: z.boolean().optional(),
  dependsOn: z
    .array(z.strictObject({ jobId: z.string() }))
    .max(20)
    .optional(),
});

export type Catalogue = {
  queues: ReadonlyMap<string, unknown>;
  definitions: ReadonlyMap<string, JobDefinition>;
  /** What every job gets, under its definition's and its own environment. */
  environment: Record<string, string>;
  hasJob(jobId: string): boolean;
};

/** Makes the job that a SubmitJob request asks for. Throws ClientException for what AWS or this Batch does not take. */
export function submitJob(body: unknown, catalogue: Catalogue): Job {
  if (typeof body === 'object' && body !== null && 'arrayProperties' in body) {
    throw new ClientException('arrayProperties are not supported by the local Batch; submit the jobs one by one.');
  }
  const request = readRequest(requestSchema, body);
  const queue = nameOf(request.jobQueue, 'job-queue');
  if (!catalogue.queues.has(queue)) throw new ClientException(`JobQueue ${jobQueueArn(queue)} not found`);
  const definition = findDefinition(request.jobDefinition, catalogue.definitions);
  const unknownJob = request.dependsOn?.find(({ jobId }) => !catalogue.hasJob(jobId));
  if (unknownJob) throw new ClientException(`dependsOn: Job ${unknownJob.jobId} not found`);

  const overrides = request.containerOverrides;
  const required = (type: 'VCPU' | 'MEMORY'): number | undefined => {
    const found = overrides?.resourceRequirements?.find((requirement) => requirement.type === type);
    return found && Number(found.value);
  };
  const parameters = { ...definition.parameters, ...request.parameters };
  const ownEnvironment = Object.fromEntries(overrides?.environment?.map(({ name, value }) => [name, value]) ?? []);
  return {
    jobId: randomUUID(),
    jobName: request.jobName,
    queue,
    jobDefinition: jobDefinitionArn(definition.name, onlyRevision),
    status: 'SUBMITTED',
    createdAt: Date.now(),
    attempts: [],
    dependsOn: request.dependsOn?.map(({ jobId }) => jobId) ?? [],
    parameters,
    tags: request.tags ?? {},
    command: (overrides?.command ?? definition.command).map((word) => substitute(word, parameters)),
    environment: { ...catalogue.environment, ...definition.environment, ...ownEnvironment },
    vcpus: required('VCPU') ?? definition.vcpus,
    memoryMiB: required('MEMORY') ?? definition.memoryMiB,
    retryStrategy: request.retryStrategy ?? definition.retryStrategy,
    timeoutSeconds: request.timeout?.attemptDurationSeconds ?? definition.timeoutSeconds,
    isTerminated: false,
    isCancelled: false,
  };
}

/** The name in a name or an ARN of the given kind, such as `job-queue`. */
export function nameOf(nameOrArn: string, kind: 'job-queue' | 'job-definition'): string {
  const arn = /^arn:aws[a-z-]*:batch:[^:]*:[^:]*:([a-z-]+)\/(.+)$/.exec(nameOrArn);
  if (!arn) return nameOrArn;
  if (arn[1] !== kind) throw new ClientException(`Expected the ARN of a ${kind} but received ${nameOrArn}`);
  return arn[2] ?? '';
}

export function findDefinition(reference: string, definitions: ReadonlyMap<string, JobDefinition>): JobDefinition {
  const [name = '', revision] = nameOf(reference, 'job-definition').split(':');
  const definition = definitions.get(name);
  if (!definition || (revision !== undefined && revision !== String(onlyRevision))) {
    throw new ClientException(`JobDefinition ${reference} not found`);
  }
  return definition;
}

// As on AWS a placeholder is a whole word of the command; one without a value stays as it is.
function substitute(word: string, parameters: Record<string, string>): string {
  return word.startsWith('Ref::') ? (parameters[word.slice('Ref::'.length)] ?? word) : word;
}
