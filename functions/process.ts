import middy from '@middy/core';
import partialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDbClient, eventBridgeClient, s3Client, sqsClient, stepFunctionsClient } from '../aws/clients.ts';
import { dynamoDbJobStore } from '../aws/dynamodb-job-store.ts';
import { dynamoDbRecipeStore } from '../aws/dynamodb-recipe-store.ts';
import { eventBridgePublisher } from '../aws/event-bridge-publisher.ts';
import { failureLog, jsonLog } from '../aws/json-log.ts';
import { s3InputStore } from '../aws/s3-input-store.ts';
import { s3OutputStore } from '../aws/s3-output-store.ts';
import { limitNames, readSettings, routingLimits } from '../aws/settings.ts';
import { sqsWorkQueue } from '../aws/sqs-work-queue.ts';
import { stepFunctionsWorkflow } from '../aws/step-functions-workflow.ts';
import { version } from '../aws/version.ts';
import { type ProcessPorts, processJob } from '../core/use-cases/process-job.ts';
import { functionWorker } from '../core/use-cases/worker.ts';

const settings = readSettings(process.env, [
  'KADAM_OUTPUT_BUCKET',
  'KADAM_JOBS_TABLE',
  'KADAM_WORK_QUEUE_URL',
  'KADAM_STATE_MACHINE_ARN',
  'KADAM_EVENT_BUS',
  ...limitNames,
]);
const { batch } = routingLimits(settings);
const dynamoDb = dynamoDbClient();
const s3 = s3Client();
const ports: ProcessPorts = {
  input: s3InputStore(s3),
  output: s3OutputStore(s3, settings.KADAM_OUTPUT_BUCKET),
  jobs: dynamoDbJobStore(dynamoDb, settings.KADAM_JOBS_TABLE),
  recipes: dynamoDbRecipeStore(dynamoDb, settings.KADAM_JOBS_TABLE),
  workQueue: sqsWorkQueue(sqsClient(), settings.KADAM_WORK_QUEUE_URL),
  workflow: stepFunctionsWorkflow(stepFunctionsClient(), settings.KADAM_STATE_MACHINE_ARN, batch),
  events: eventBridgePublisher(eventBridgeClient(), settings.KADAM_EVENT_BUS),
  now: Date.now,
  log: jsonLog,
};
const workMessage = z.strictObject({ job: z.string() });

const processMessage = async (record: SQSRecord, context: Context): Promise<void> => {
  const { job } = workMessage.parse(JSON.parse(record.body));
  const deployment = { version, outputBucket: settings.KADAM_OUTPUT_BUCKET };
  await processJob(job, Number(record.attributes.ApproximateReceiveCount), functionWorker(context, deployment), ports);
};

/** Messages of the work queue (batches of one): answers whether the message failed and has to come again. */
export const handler = middy<SQSEvent>()
  .use(partialBatchFailure({ logger: failureLog }))
  .handler((event: SQSEvent, context: Context) =>
    Promise.allSettled(event.Records.map((record) => processMessage(record, context))),
  );
