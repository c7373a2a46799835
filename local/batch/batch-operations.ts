import * as z from 'zod';
import { jobDefinitionArn, jobQueueArn } from '../names.ts';
import { ClientException, readRequest } from './client-exception.ts';
import type { Scheduler } from './create-scheduler.ts';
import { describeJob, jobArn, summarizeJob } from './describe-job.ts';
import { jobStatuses } from './job.ts';
import { type JobDefinition, onlyRevision } from './job-definition.ts';
import { type Catalogue, findDefinition, nameOf, submitJob } from './submit-job.ts';

const describeJobsSchema = z.strictObject({ jobs: z.array(z.string()).max(100) });
const endJobSchema = z.strictObject({ jobId: z.string(), reason: z.string().max(1024) });
const listJobsSchema = z.strictObject({
  jobQueue: z.string(),
  jobStatus: z.enum(jobStatuses).default('RUNNING'),
  maxResults: z.int().min(1).max(100).default(100),
  nextToken: z.string().optional(),
});
const describeDefinitionsSchema = z.strictObject({
  jobDefinitions: z.array(z.string()).optional(),
  jobDefinitionName: z.string().optional(),
  status: z.string().optional(),
  maxResults: z.int().optional(),
});
const describeQueuesSchema = z.strictObject({
  jobQueues: z.array(z.string()).optional(),
  maxResults: z.int().optional(),
});

/** The operations of AWS Batch's REST-JSON protocol by path: the request's body to the answer's. */
export function batchOperations(
  scheduler: Scheduler,
  catalogue: Catalogue,
): Record<string, (body: unknown) => unknown> {
  const findJob = (idOrArn: string) => scheduler.jobs.get(idOrArn.replace(/^arn:.*:job\//, ''));
  const getJob = (jobId: string) => {
    const job = findJob(jobId);
    if (!job) throw new ClientException(`Job ${jobId} not found`);
    return job;
  };

  return {
    '/v1/submitjob': (body) => {
      const job = submitJob(body, catalogue);
      scheduler.submit(job);
      return { jobArn: jobArn(job.jobId), jobId: job.jobId, jobName: job.jobName };
    },
    '/v1/describejobs': (body) => ({
      jobs: readRequest(describeJobsSchema, body)
        .jobs.map(findJob)
        .filter((job) => job !== undefined)
        .map(describeJob),
    }),
    '/v1/terminatejob': (body) => {
      const { jobId, reason } = readRequest(endJobSchema, body);
      scheduler.terminate(getJob(jobId), reason);
      return {};
    },
    '/v1/canceljob': (body) => {
      const { jobId, reason } = readRequest(endJobSchema, body);
      scheduler.cancel(getJob(jobId), reason);
      return {};
    },
    '/v1/listjobs': (body) => {
      const request = readRequest(listJobsSchema, body);
      const queue = nameOf(request.jobQueue, 'job-queue');
      if (!catalogue.queues.has(queue)) throw new ClientException(`JobQueue ${jobQueueArn(queue)} not found`);
      const found = [...scheduler.jobs.values()].filter(
        (job) => job.queue === queue && job.status === request.jobStatus,
      );
      const first = request.nextToken === undefined ? 0 : found.findIndex((job) => job.jobId === request.nextToken);
      const page = found.slice(first < 0 ? found.length : first);
      return {
        jobSummaryList: page.slice(0, request.maxResults).map(summarizeJob),
        nextToken: page[request.maxResults]?.jobId,
      };
    },
    '/v1/describejobdefinitions': (body) => {
      const { jobDefinitions, jobDefinitionName } = readRequest(describeDefinitionsSchema, body);
      const found = jobDefinitions
        ? jobDefinitions.map((reference) => findDefinition(reference, catalogue.definitions))
        : [...catalogue.definitions.values()].filter(
            ({ name }) => jobDefinitionName === undefined || name === jobDefinitionName,
          );
      return { jobDefinitions: found.map(describeDefinition) };
    },
    '/v1/describejobqueues': (body) => {
      const { jobQueues } = readRequest(describeQueuesSchema, body);
      const wanted = jobQueues?.map((queue) => nameOf(queue, 'job-queue'));
      const names = [...catalogue.queues.keys()].filter((name) => wanted?.includes(name) ?? true);
      return { jobQueues: names.map(describeQueue) };
    },
  };
}

function describeDefinition(definition: JobDefinition) {
  return {
    jobDefinitionArn: jobDefinitionArn(definition.name, onlyRevision),
    jobDefinitionName: definition.name,
    revision: onlyRevision,
    status: 'ACTIVE',
    type: 'container',
    parameters: definition.parameters ?? {},
    retryStrategy: definition.retryStrategy,
    timeout: definition.timeoutSeconds && { attemptDurationSeconds: definition.timeoutSeconds },
    containerProperties: {
      command: definition.command,
      environment: Object.entries(definition.environment).map(([name, value]) => ({ name, value })),
      resourceRequirements: [
        { type: 'VCPU', value: String(definition.vcpus) },
        { type: 'MEMORY', value: String(definition.memoryMiB) },
      ],
    },
  };
}

function describeQueue(name: string) {
  return {
    jobQueueArn: jobQueueArn(name),
    jobQueueName: name,
    state: 'ENABLED',
    status: 'VALID',
    priority: 1,
    computeEnvironmentOrder: [{ order: 1, computeEnvironment: name }],
  };
}
