import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { functionName } from '../../aws/deployment.ts';
import { dynamoDbJobStore } from '../../aws/dynamodb-job-store.ts';
import { dynamoDbRecipeStore } from '../../aws/dynamodb-recipe-store.ts';
import { s3InputStore } from '../../aws/s3-input-store.ts';
import { limitNames, readSettings, routingLimits } from '../../aws/settings.ts';
import { readContainerFilters } from '../../core/filters/read-container-filters.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { Log } from '../../core/ports.ts';
import { readCatalogue } from '../../core/recipe/read-catalogue.ts';
import { dispatchUpload } from '../../core/use-cases/dispatch-upload.ts';
import { cloudNames, localStage } from '../../local/cloud-environment.ts';
import { localLimits } from '../../local/limits.ts';
import { credentials, region, sdkEnvironment } from '../../local/names.ts';
import { startCloud } from '../../local/start-cloud.ts';

/** A bucket that nobody watches: what lies in it is dispatched here, and run by nobody but whoever asks. */
const Bucket = 'kadam-container-input';

const silentLog: Log = { write() {}, within: (_fields, work) => work(), add() {} };

/** What of a deployment's settings is the job's own: an image has its containers' filters beside its code. */
const isJobSetting = ([name]: [string, string]): boolean =>
  /^(KADAM|POWERTOOLS)_/.test(name) && name !== 'KADAM_CONTAINER_FILTERS';

/**
 * The embedded cloud, with jobs that are queued for Batch and that no Batch runs: they are dispatched as the function
 * does it, into a workflow that starts nothing. What runs them is the caller's to choose.
 */
export const startContainerCloud = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-container-'));
  // A function of one second is too short for anything: all goes to Batch.
  const cloud = await startCloud({ dataDir: folder, limits: await localLimits(1), log() {} });
  const place = { endpoint: cloud.endpoint, region, credentials };
  const [s3, dynamoDb, lambda] = [new S3Client(place), new DynamoDBClient(place), new LambdaClient(place)];
  const FunctionName = functionName(localStage, 'dispatch');
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const environment = Environment?.Variables ?? {};
  const settings = readSettings(environment, [
    'KADAM_JOBS_TABLE',
    'KADAM_RECIPES',
    'KADAM_CONTAINER_FILTERS',
    ...limitNames,
  ]);
  const limits = routingLimits(settings);
  const containerFilters = await readContainerFilters(settings.KADAM_CONTAINER_FILTERS);
  const catalogue = await readCatalogue(settings.KADAM_RECIPES, containerFilters);
  const jobs = dynamoDbJobStore(dynamoDb, settings.KADAM_JOBS_TABLE);
  const ports = {
    input: s3InputStore(s3),
    jobs,
    recipes: dynamoDbRecipeStore(dynamoDb, settings.KADAM_JOBS_TABLE),
    workQueue: { send: async () => {} },
    workflow: { start: async () => {}, isOpen: async () => true },
    now: Date.now,
    log: silentLog,
    metrics: { record() {} },
  };
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));

  const read = async (Key: string, VersionId?: string): Promise<Buffer> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: cloudNames.outputBucket, Key, VersionId }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  return {
    /** What jobs find in their environment: where AWS is, and the deployment's settings. */
    environment: {
      ...sdkEnvironment(cloud.endpoint),
      ...Object.fromEntries(Object.entries(environment).filter(isJobSetting)),
      AWS_BATCH_JQ_NAME: cloudNames.spotQueue,
    },

    /**
     * Uploads a picture and queues its job for Batch, under a recipe's name or a recipe of its own. Throws Error where
     * the decision is another.
     */
    async queueJob(Key: string, Body: Uint8Array, recipe: string | { outputs: unknown }): Promise<Job> {
      const isOwn = typeof recipe !== 'string';
      if (isOwn) {
        await s3.send(new PutObjectCommand({ Bucket, Key: `${Key}.kadam.json`, Body: JSON.stringify(recipe) }));
      }
      const Metadata = { 'kadam-recipe': isOwn ? 'sidecar' : recipe };
      const { VersionId, ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata }));
      const upload = { bucket: Bucket, key: Key, versionId: VersionId, etag: ETag, bytes: Body.length };
      const [job] = await dispatchUpload(upload, { catalogue, limits }, ports);
      if (job?.decision.target === 'batch') return job;
      throw new Error(`Expected a job for Batch but received ${JSON.stringify(job?.decision)}`);
    },
    async job(id: string): Promise<Job> {
      const job = await jobs.get(id);
      if (job !== undefined) return job;
      throw new Error(`Expected job ${id} in the table but it is not.`);
    },
    read,
    /** The keys of an upload's outputs, with the manifest's. */
    async outputs(key: string): Promise<string[]> {
      const where = { Bucket: cloudNames.outputBucket, Prefix: `${key}/` };
      return ((await s3.send(new ListObjectsV2Command(where))).Contents ?? []).map(({ Key }) => Key ?? '');
    },
    /** How many versions of anything below an upload's outputs there are, hidden ones too. */
    async versions(key: string): Promise<number> {
      const where = { Bucket: cloudNames.outputBucket, Prefix: `${key}/` };
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand(where));
      return Versions.length + DeleteMarkers.length;
    },
    /** Does what the state machine does after the Batch job, and answers what the function said. */
    async settle({ id, execution }: Job): Promise<string> {
      const Payload = JSON.stringify({ job: id, execution });
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: functionName(localStage, 'settle'), Payload }),
      );
      return answer.Payload?.transformToString() ?? '';
    },
    events: () => cloud.events.events(),
    async close() {
      for (const client of [s3, dynamoDb, lambda]) client.destroy();
      await cloud.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

export type ContainerCloud = Awaited<ReturnType<typeof startContainerCloud>>;
