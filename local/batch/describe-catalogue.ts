import type { JobDefinition as JobDefinitionDetail, JobQueueDetail } from '@aws-sdk/client-batch';
import * as z from 'zod';
import { accountId, jobDefinitionArn, jobQueueArn, region } from '../names.ts';
import { paginate } from '../paginate.ts';
import { namedValues, resourceRequirements } from './describe-job.ts';
import { type Catalogue, type JobDefinition, knownDefinition, knownQueue, onlyRevision } from './submit-job.ts';

const paging = { maxResults: z.int().min(1).max(100).default(100), nextToken: z.string().optional() };
const queuesSchema = z.strictObject({ jobQueues: z.array(z.string()).max(100).optional(), ...paging });
const definitionsSchema = z.strictObject({
  jobDefinitions: z.array(z.string()).max(100).optional(),
  jobDefinitionName: z.string().optional(),
  status: z.enum(['ACTIVE', 'INACTIVE']).optional(),
  ...paging,
});

/** DescribeJobQueues: all queues, or those named; one that does not exist is left out, as on AWS. */
export const describeJobQueues = (body: unknown, catalogue: Catalogue) => {
  const { jobQueues, ...page } = queuesSchema.parse(body);
  const names = [...catalogue.queues.keys()];
  const wanted =
    jobQueues?.map((reference) => knownQueue(reference, catalogue)).filter((name) => name !== undefined) ?? names;
  const listed = paginate(wanted, (name) => name, page);
  return { jobQueues: listed.page.map(describeQueue), nextToken: listed.nextToken };
};

/** DescribeJobDefinitions: all definitions, those named (with their revision or without), or those of one name. */
export const describeJobDefinitions = (body: unknown, catalogue: Catalogue) => {
  const { jobDefinitions, jobDefinitionName, status, ...page } = definitionsSchema.parse(body);
  const found =
    jobDefinitions?.map((reference) => knownDefinition(reference, catalogue)).filter((found) => found !== undefined) ??
    catalogue.definitions.filter(({ name }) => name === (jobDefinitionName ?? name));
  const listed = paginate(status === 'INACTIVE' ? [] : [...found], ({ name }) => name, page);
  return { jobDefinitions: listed.page.map(describeDefinition), nextToken: listed.nextToken };
};

const describeQueue = (name: string): JobQueueDetail => ({
  jobQueueName: name,
  jobQueueArn: jobQueueArn(name),
  state: 'ENABLED',
  status: 'VALID',
  statusReason: 'JobQueue Healthy',
  priority: 1,
  computeEnvironmentOrder: [
    { order: 1, computeEnvironment: `arn:aws:batch:${region}:${accountId}:compute-environment/${name}` },
  ],
});

const describeDefinition = (definition: JobDefinition): JobDefinitionDetail => ({
  jobDefinitionName: definition.name,
  jobDefinitionArn: jobDefinitionArn(definition.name, onlyRevision),
  revision: onlyRevision,
  status: 'ACTIVE',
  type: 'container',
  parameters: definition.parameters ?? {},
  retryStrategy: definition.retryStrategy,
  containerProperties: {
    image: definition.image,
    command: definition.command,
    environment: namedValues(definition.environment),
    resourceRequirements: resourceRequirements(definition),
  },
  timeout: definition.timeoutSeconds === undefined ? undefined : { attemptDurationSeconds: definition.timeoutSeconds },
  platformCapabilities: ['EC2'],
  containerOrchestrationType: 'ECS',
});
