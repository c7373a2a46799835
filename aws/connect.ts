import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { ConfigurationError } from '../core/errors.ts';
import type { Job } from '../core/jobs/job.ts';
import type { Upload } from '../core/jobs/upload.ts';
import type { Again } from '../core/use-cases/dispatch-upload.ts';
import { requestCancel, stopExecution } from './cancel-request.ts';
import { type DeadLetters, openDeadLetters } from './dead-letters.ts';
import { type DeploymentSettings, functionName, readDeployment } from './deployment.ts';
import { dynamoDbJobIndex } from './dynamodb-job-index.ts';
import { dynamoDbJobStore } from './dynamodb-job-store.ts';
import { listUploads } from './list-uploads.ts';
import { s3OutputStore } from './s3-output-store.ts';
import { requestReprocessing } from './uploads-queue.ts';

/** Where to find AWS, if not where the environment says. */
export type Place = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};

/** A deployment of Kadam as a person's commands see it. Every method throws DependencyError where a service fails. */
export type Connection = {
  settings: DeploymentSettings;
  /** Every job of a key, the newest first. */
  jobsOf(key: string): Promise<Job[]>;
  job(id: string): Promise<Job | undefined>;
  /** The text of a manifest. */
  manifest(key: string): Promise<string | undefined>;
  /** The newest versions of the uploads below a prefix, at most `limit`: first that whose key is the prefix itself. */
  uploads(prefix: string, limit?: number): Promise<Upload[]>;
  /** Asks for a job's end; it is still open after that where a worker holds it. */
  cancel(job: Job): Promise<void>;
  /** Stops the execution of a job that runs on Batch, if there is one. */
  stop(job: Job): Promise<void>;
  reprocess(uploads: readonly Upload[], again: Again): Promise<void>;
  /** What the uploads queue, or the work queue, has given up. */
  deadLetters(queue: 'uploads' | 'work'): Promise<DeadLetters>;
  close(): void;
};

/** Without a region every call fails, and in words that do not say what to do. */
const checkRegion = async (client: LambdaClient): Promise<void> => {
  try {
    await client.config.region();
  } catch (cause) {
    throw new ConfigurationError(
      'Expected a region but received none. Give --region NAME, or set AWS_REGION or the region of your profile.',
      { code: 'NoRegion', cause },
    );
  }
};

/** Connects to a deployment, with the person's own credentials. Throws `NoRegion`, and what `readDeployment` throws. */
export const connect = async (stage: string, place: Place = {}): Promise<Connection> => {
  const clients = {
    lambda: new LambdaClient(place),
    s3: new S3Client(place),
    dynamoDb: new DynamoDBClient(place),
    sqs: new SQSClient(place),
    stepFunctions: new SFNClient(place),
  };
  const { lambda, s3, dynamoDb, sqs, stepFunctions } = clients;
  const close = () => {
    for (const client of Object.values(clients)) client.destroy();
  };
  let settings: DeploymentSettings;
  try {
    await checkRegion(lambda);
    settings = await readDeployment(lambda, stage);
  } catch (error) {
    close();
    throw error;
  }
  const jobs = dynamoDbJobStore(dynamoDb, settings.KADAM_JOBS_TABLE);
  const index = dynamoDbJobIndex(dynamoDb, settings.KADAM_JOBS_TABLE);
  const output = s3OutputStore(s3, settings.KADAM_OUTPUT_BUCKET);
  return {
    settings,
    jobsOf: (key) => index.ofKey(settings.KADAM_INPUT_BUCKET, key),
    job: (id) => jobs.get(id),
    manifest: (key) => output.readText(key),
    uploads: (prefix, limit) => listUploads(s3, settings.KADAM_INPUT_BUCKET, prefix, limit),
    cancel: (job) => requestCancel(lambda, functionName(stage, 'settle'), job.id),
    stop: (job) => stopExecution(stepFunctions, settings.KADAM_STATE_MACHINE_ARN, job),
    reprocess: (uploads, again) => requestReprocessing(sqs, settings.KADAM_UPLOADS_QUEUE_URL, uploads, again),
    deadLetters: (queue) =>
      openDeadLetters(sqs, queue === 'uploads' ? settings.KADAM_UPLOADS_QUEUE_URL : settings.KADAM_WORK_QUEUE_URL),
    close,
  };
};
