import type { Clock } from '../core/ports.ts';
import type { Deployment } from '../core/use-cases/end-job.ts';
import type { RunPorts } from '../core/use-cases/run-job.ts';
import { dynamoDbClient, eventBridgeClient, s3Client } from './clients.ts';
import { dynamoDbJobStore } from './dynamodb-job-store.ts';
import { dynamoDbRecipeStore } from './dynamodb-recipe-store.ts';
import { eventBridgePublisher } from './event-bridge-publisher.ts';
import { log } from './log.ts';
import { s3InputStore } from './s3-input-store.ts';
import { s3OutputStore } from './s3-output-store.ts';
import type { SettingName, Settings } from './settings.ts';
import { version } from './version.ts';

/** The settings of everything that brings jobs to their end: the functions process and settle, and the container. */
export const workerSettingNames = [
  'KADAM_OUTPUT_BUCKET',
  'KADAM_JOBS_TABLE',
  'KADAM_EVENT_BUS',
  'KADAM_LEASE_SECONDS',
  'POWERTOOLS_SERVICE_NAME',
] as const satisfies readonly SettingName[];

type WorkerSettings = Settings<(typeof workerSettingNames)[number]>;

/** The ports of a worker, on AWS. */
export const workerPorts = (settings: WorkerSettings, now: Clock): RunPorts => {
  const dynamoDb = dynamoDbClient();
  const s3 = s3Client();
  return {
    input: s3InputStore(s3),
    output: s3OutputStore(s3, settings.KADAM_OUTPUT_BUCKET),
    jobs: dynamoDbJobStore(dynamoDb, settings.KADAM_JOBS_TABLE),
    recipes: dynamoDbRecipeStore(dynamoDb, settings.KADAM_JOBS_TABLE),
    events: eventBridgePublisher(eventBridgeClient(), settings.KADAM_EVENT_BUS),
    now,
    log,
  };
};

/** What manifests and events say of the deployment. */
export const deploymentOf = (settings: WorkerSettings): Deployment => ({
  version,
  outputBucket: settings.KADAM_OUTPUT_BUCKET,
});
