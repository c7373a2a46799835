import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { jobsTableDefinition } from '../aws/jobs-table.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import { createBatch } from './batch/create-batch.ts';
import { cloudEnvironment, cloudNames, substituted } from './cloud-environment.ts';
import { createDynamoDb } from './dynamodb.ts';
import { createEventBridge } from './event-bridge.ts';
import { type GatewayOptions, type Services, startGateway } from './gateway.ts';
import type { FunctionDefinition } from './lambda/function-definition.ts';
import { createLambda } from './lambda/lambda.ts';
import { credentials, functionArn, region, sdkEnvironment } from './names.ts';
import { readJobFile, repository } from './read-job-file.ts';
import { createS3 } from './s3/create-s3.ts';
import { createSqs } from './sqs.ts';
import { createStepFunctions } from './step-functions/create-step-functions.ts';

export type CloudOptions = {
  /** Where buckets, queues, tables, executions and jobs are kept over a restart. */
  dataDir: string;
  limits: RoutingLimits;
  /** 0, the default, takes a free port. */
  port?: number;
  /** Every line that functions and containers write. */
  log?: (line: string) => void;
  /** Sees every request to the endpoint before it is answered. */
  onRequest?: GatewayOptions['onRequest'];
};

/** How long after its function's deadline a message of the work queue comes back. On AWS it is a minute. */
const redeliverySeconds = 5;
/** How long the claim of a container that was killed outlives it. On AWS it is a minute. */
const leaseSeconds = 10;
/** The dispatcher's time-out; AWS asks for a visibility time-out of six times as much. */
const dispatchSeconds = 10;
const maxReceiveCount = 5;

/**
 * Starts the embedded cloud on 127.0.0.1 and deploys Kadam into it: the handlers, the state machine and the container
 * entry of this repository, unmodified, find S3, SQS, DynamoDB, Lambda, Step Functions, Batch and EventBridge behind
 * one endpoint.
 */
export const startCloud = async ({ dataDir, limits, port, log, onRequest }: CloudOptions) => {
  await mkdir(dataDir, { recursive: true });
  const folder = (service: string) => join(dataDir, service);
  const services: Services = {};
  const gateway = await startGateway({ port, services, onRequest });
  const { endpoint } = gateway;

  const sqs = await createSqs({ endpoint, dataDir: folder('sqs') });
  services.sqs = sqs;
  const { workQueueUrl, uploadsQueueUrl } = await createQueues(sqs, limits);

  const s3 = await createS3({
    dataDir: folder('s3'),
    notify: (bucket, record) =>
      bucket === cloudNames.inputBucket
        ? sqs.send(cloudNames.uploadsQueue, JSON.stringify({ Records: [record] }))
        : undefined,
  });
  services.s3 = s3;
  await s3.createBucket(cloudNames.inputBucket, { versioning: true });
  await s3.createBucket(cloudNames.outputBucket, { versioning: true });

  const dynamoDb = await createDynamoDb({ dataDir: folder('dynamodb') });
  services.dynamodb = dynamoDb;
  await createJobsTable(endpoint);

  const events = createEventBridge({ dataDir: folder('events') });
  services.events = events;

  const settings = cloudEnvironment(limits, workQueueUrl, leaseSeconds);
  const environment = { ...sdkEnvironment(endpoint), ...settings };
  const lambda = createLambda({ functions: functions(limits), environment, log });
  services.lambda = lambda;

  const job = await readJobFile('filter');
  const batch = await createBatch({
    queues: [{ name: cloudNames.jobQueue, vcpus: limits.batch.vcpus }],
    // A job asks for no more vCPUs than this machine has cores, or it would wait for ever.
    jobDefinitions: [{ ...job, vcpus: Math.min(job.vcpus, limits.batch.vcpus) }],
    environment,
    workingDirectory: fileURLToPath(repository),
    dataDir: folder('batch'),
    log,
  });
  services.batch = batch;

  const stepFunctions = await createStepFunctions({
    stateMachines: [{ name: cloudNames.stateMachine, definition: await filterImageDefinition(job.name) }],
    endpoint,
    dataDir: folder('step-functions'),
    log,
  });
  services.states = stepFunctions;

  lambda.addEventSource({
    queue: cloudNames.uploadsQueue,
    queueUrl: uploadsQueueUrl,
    endpoint,
    functionName: cloudNames.dispatch,
    batchSize: 10,
    maximumConcurrency: 2,
  });
  lambda.addEventSource({
    queue: cloudNames.workQueue,
    queueUrl: workQueueUrl,
    endpoint,
    functionName: cloudNames.process,
    batchSize: 1,
    // As many at once as this machine has vCPUs for: more would take longer than was predicted.
    maximumConcurrency: Math.max(1, Math.floor(availableParallelism() / limits.lambda.vcpus)),
  });

  return {
    endpoint,
    lambda,
    batch,
    stepFunctions,
    events,
    /** Stops whatever runs, and then the endpoint. What is on disk stays for the next start. */
    async close() {
      await lambda.close();
      await stepFunctions.close();
      await batch.close();
      await gateway.close();
      await Promise.all([s3.close(), sqs.close(), dynamoDb.close(), events.close()]);
    },
  };
};

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

const createQueues = async (sqs: Awaited<ReturnType<typeof createSqs>>, limits: RoutingLimits) => {
  await sqs.createQueue(cloudNames.uploadsDeadLetters);
  await sqs.createQueue(cloudNames.workDeadLetters);
  const uploads = await sqs.createQueue(cloudNames.uploadsQueue, {
    visibilityTimeoutSeconds: 6 * dispatchSeconds,
    deadLetterQueue: cloudNames.uploadsDeadLetters,
    maxReceiveCount,
  });
  const work = await sqs.createQueue(cloudNames.workQueue, {
    visibilityTimeoutSeconds: Math.ceil(limits.lambda.timeoutSeconds) + redeliverySeconds,
    deadLetterQueue: cloudNames.workDeadLetters,
    maxReceiveCount,
  });
  return { uploadsQueueUrl: uploads.url, workQueueUrl: work.url };
};

const createJobsTable = async (endpoint: string): Promise<void> => {
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    await client.send(new CreateTableCommand({ TableName: cloudNames.jobsTable, ...jobsTableDefinition }));
  } catch (error) {
    // The data folder brought the table along.
    if (!(error instanceof Error) || error.name !== 'ResourceInUseException') throw error;
  } finally {
    client.destroy();
  }
};

const functions = (limits: RoutingLimits): FunctionDefinition[] => {
  const file = (name: string) => fileURLToPath(new URL(`functions/${name}.ts`, repository));
  const { timeoutSeconds, memoryMiB } = limits.lambda;
  return [
    { name: cloudNames.dispatch, file: file('dispatch'), timeoutSeconds: dispatchSeconds, memoryMiB: 512 },
    { name: cloudNames.process, file: file('process'), timeoutSeconds, memoryMiB: Math.floor(memoryMiB) },
    { name: cloudNames.settle, file: file('settle'), timeoutSeconds: 30, memoryMiB: 512 },
  ];
};

const filterImageDefinition = async (jobDefinition: string): Promise<unknown> =>
  substituted(await readFile(new URL('statemachines/filter-image.asl.json', repository), 'utf8'), {
    JobQueue: cloudNames.jobQueue,
    JobDefinition: jobDefinition,
    SettleFunction: functionArn(cloudNames.settle),
  });
