import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { dynamoDbJobIndex } from '../aws/dynamodb-job-index.ts';
import { dynamoDbJobStore } from '../aws/dynamodb-job-store.ts';
import { repository } from '../aws/job-file.ts';
import { jobsTableDefinition } from '../aws/jobs-table.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import { createBatch } from './batch/create-batch.ts';
import { cloudEnvironment, cloudNames, substituted } from './cloud-environment.ts';
import { createConsole } from './console/create-console.ts';
import { type Containers, localJobDefinitions, readContainers } from './containers.ts';
import { createDynamoDb } from './dynamodb.ts';
import { createEventBridge } from './event-bridge.ts';
import { type GatewayOptions, type ServiceName, type Services, startGateway } from './gateway.ts';
import { createLambda } from './lambda/create-lambda.ts';
import type { FunctionDefinition } from './lambda/function-definition.ts';
import { credentials, functionArn, jobQueueArn, region, sdkEnvironment } from './names.ts';
import { openDataFolder } from './open-data-folder.ts';
import { createS3 } from './s3/create-s3.ts';
import type { S3EventRecord } from './s3/s3-event-record.ts';
import type { LocalService } from './service.ts';
import { settleRule } from './settle-rule.ts';
import { createSqs, type SqsService } from './sqs.ts';
import { createStepFunctions } from './step-functions/create-step-functions.ts';

export type CloudOptions = {
  /** Where buckets, queues, tables, executions and jobs are kept over a restart. */
  dataDir: string;
  limits: RoutingLimits;
  /** The containers that jobs may run in: this repository's, unless told otherwise. */
  containers?: Containers;
  /** The modules of the functions: this repository's functions/*.ts, unless told otherwise. Absolute paths. */
  functionFile?: (name: 'dispatch' | 'process' | 'settle') => string;
  /** 0, the default, takes a free port. */
  port?: number;
  /** Every line that functions and containers write. */
  log?: (line: string) => void;
  /** Sees every request to the endpoint before it is answered. */
  onRequest?: GatewayOptions['onRequest'];
};

/** How long after its function's deadline a message of the work queue comes back. On AWS it is a minute. */
const redeliverySeconds = 8;
/** How long the claim of a worker that was killed outlives it: less than that. On AWS it is 45 seconds. */
const leaseSeconds = 6;
/** The dispatcher's time-out; AWS asks for a visibility time-out of six times as much. */
const dispatchSeconds = 10;
const maxReceiveCount = 5;

/**
 * Starts the embedded cloud on 127.0.0.1 and deploys Kadam into it: the handlers, the state machine and the container
 * entry of this repository, unmodified, find S3, SQS, DynamoDB, Lambda, Step Functions, Batch and EventBridge behind
 * one endpoint. Throws ConfigurationError `PortUnavailable`, `DataFolderUnavailable` or `DataFolderOutdated`, and leaves
 * nothing running then.
 */
export const startCloud = async (options: CloudOptions) => {
  await using starting = new AsyncDisposableStack();
  const parts = await startParts(options, starting);
  const running = starting.move();
  return {
    ...parts,
    /** Stops whatever runs, what works before what it works on. What is on disk stays for the next start. */
    close: () => running.disposeAsync(),
  };
};

const startParts = async (options: CloudOptions, stack: AsyncDisposableStack) => {
  const { dataDir, limits, functionFile, port, log, onRequest } = options;
  await openDataFolder(dataDir);
  const folder = (service: string) => join(dataDir, service);
  const services: Services = {};
  let page: LocalService | undefined;
  const gateway = await startGateway({
    port,
    services,
    onRequest,
    fallback: (request, response) => (page ? page.handle(request, response) : response.writeHead(503).end()),
  });
  stack.defer(() => gateway.close());
  const { endpoint } = gateway;
  /** Puts a service behind the endpoint; it leaves that before it is closed. */
  const serve = <Service extends LocalService>(name: ServiceName, service: Service): Service => {
    services[name] = service;
    stack.defer(() => {
      delete services[name];
      return service.close();
    });
    return service;
  };

  const sqs = serve('sqs', await createSqs({ endpoint, dataDir: folder('sqs') }));
  const queues = createQueues(sqs, limits);
  const s3 = serve('s3', await createS3({ dataDir: folder('s3'), notify: uploadsTo(sqs) }));
  await s3.createBucket(cloudNames.inputBucket, { versioning: true });
  await s3.createBucket(cloudNames.outputBucket, { versioning: true });
  // S3 has just made sure that nobody else uses the data folder: what a cloud that was killed left here is nobody's.
  const temporaryFolder = folder('tmp');
  const emptyTemporaryFolder = () => rm(temporaryFolder, { recursive: true, force: true });
  await emptyTemporaryFolder();
  await mkdir(temporaryFolder);
  stack.defer(emptyTemporaryFolder);
  serve('dynamodb', createDynamoDb({ dataDir: folder('dynamodb') }));
  await createJobsTable(endpoint);
  const events = serve('events', createEventBridge({ dataDir: folder('events') }));

  const containers = options.containers ?? (await readContainers());
  const settings = cloudEnvironment(limits, queues, containers, leaseSeconds);
  const environment = { ...sdkEnvironment(endpoint), ...settings, TMPDIR: temporaryFolder };
  const batch = serve(
    'batch',
    await createBatch({
      vcpus: Math.max(...Object.values(limits.containers).map(({ vcpus }) => vcpus)),
      queues: [cloudNames.spotQueue, cloudNames.onDemandQueue],
      jobDefinitions: localJobDefinitions(containers, limits),
      environment,
      workingDirectory: fileURLToPath(repository),
      dataDir: folder('batch'),
      log,
    }),
  );
  const lambda = serve('lambda', createLambda({ functions: functions(limits, functionFile), environment, log }));
  const stepFunctions = serve(
    'states',
    await createStepFunctions({
      stateMachines: [{ name: cloudNames.stateMachine, definition: await filterImageDefinition() }],
      endpoint,
      onEnd: settleRule(lambda, cloudNames.settle, leaseSeconds),
      dataDir: folder('step-functions'),
      log,
    }),
  );
  lambda.addEventSource({
    queue: cloudNames.uploadsQueue,
    queueUrl: queues.uploadsQueueUrl,
    endpoint,
    functionName: cloudNames.dispatch,
    batchSize: 10,
    maximumConcurrency: 2,
  });
  lambda.addEventSource({
    queue: cloudNames.workQueue,
    queueUrl: queues.workQueueUrl,
    endpoint,
    functionName: cloudNames.process,
    batchSize: 1,
    // As many at once as this machine has vCPUs for: more would take longer than was predicted.
    maximumConcurrency: Math.max(1, Math.floor(availableParallelism() / limits.lambda.vcpus)),
  });
  const table = new DynamoDBClient({ endpoint, region, credentials });
  stack.defer(() => table.destroy());
  const containerFilters = await readContainerFilters(settings.KADAM_CONTAINER_FILTERS);
  const catalogue = await readCatalogue(settings.KADAM_RECIPES, containerFilters);
  const served = createConsole({
    endpoint,
    jobs: {
      recent: dynamoDbJobIndex(table, cloudNames.jobsTable).recent,
      get: dynamoDbJobStore(table, cloudNames.jobsTable).get,
    },
    inputBucket: cloudNames.inputBucket,
    outputBucket: cloudNames.outputBucket,
    recipes: [...catalogue.recipes.keys()],
    stateMachine: cloudNames.stateMachine,
    logFile: batch.logFile,
    log,
  });
  stack.defer(() => served.close());
  page = served;
  return { endpoint, lambda, batch, stepFunctions, events };
};

/** Sends the input bucket's events to the uploads queue, as its notification configuration does on AWS. */
const uploadsTo =
  (sqs: SqsService) =>
  (bucket: string, record: S3EventRecord): Promise<void> | undefined =>
    bucket === cloudNames.inputBucket
      ? sqs.send(cloudNames.uploadsQueue, JSON.stringify({ Records: [record] }))
      : undefined;

const createQueues = (sqs: SqsService, limits: RoutingLimits) => {
  sqs.createQueue(cloudNames.uploadsDeadLetters);
  sqs.createQueue(cloudNames.workDeadLetters);
  const uploads = sqs.createQueue(cloudNames.uploadsQueue, {
    visibilityTimeoutSeconds: 6 * dispatchSeconds,
    deadLetters: { queue: cloudNames.uploadsDeadLetters, maxReceiveCount },
  });
  const work = sqs.createQueue(cloudNames.workQueue, {
    visibilityTimeoutSeconds: Math.ceil(limits.lambda.timeoutSeconds) + redeliverySeconds,
    deadLetters: { queue: cloudNames.workDeadLetters, maxReceiveCount },
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
  }
  try {
    await waitUntilTableExists(
      { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
      { TableName: cloudNames.jobsTable },
    );
  } finally {
    client.destroy();
  }
};

const ownFile = (name: string): string => fileURLToPath(new URL(`functions/${name}.ts`, repository));

const functions = (limits: RoutingLimits, file: CloudOptions['functionFile'] = ownFile): FunctionDefinition[] => {
  const { timeoutSeconds, memoryMiB } = limits.lambda;
  return [
    { name: cloudNames.dispatch, file: file('dispatch'), timeoutSeconds: dispatchSeconds, memoryMiB: 512 },
    { name: cloudNames.process, file: file('process'), timeoutSeconds, memoryMiB: Math.floor(memoryMiB) },
    { name: cloudNames.settle, file: file('settle'), timeoutSeconds: 30, memoryMiB: 512 },
  ];
};

const filterImageDefinition = async (): Promise<unknown> =>
  substituted(await readFile(new URL('statemachines/filter-image.asl.json', repository), 'utf8'), {
    SpotQueue: jobQueueArn(cloudNames.spotQueue),
    OnDemandQueue: jobQueueArn(cloudNames.onDemandQueue),
    SettleFunction: functionArn(cloudNames.settle),
  });
