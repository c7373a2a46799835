import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { dynamoDbClient, eventBridgeClient, s3Client } from '../aws/clients.ts';
import { dynamoDbJobStore } from '../aws/dynamodb-job-store.ts';
import { eventBridgePublisher } from '../aws/event-bridge-publisher.ts';
import { jsonLog } from '../aws/json-log.ts';
import { s3InputStore } from '../aws/s3-input-store.ts';
import { s3OutputStore } from '../aws/s3-output-store.ts';
import { readSettings } from '../aws/settings.ts';
import { version } from '../aws/version.ts';
import { type SettlePorts, settleJob } from '../core/use-cases/settle-job.ts';
import { functionWorker } from '../core/use-cases/worker.ts';

const settings = readSettings(process.env, ['KADAM_OUTPUT_BUCKET', 'KADAM_JOBS_TABLE', 'KADAM_EVENT_BUS']);
const s3 = s3Client();
const ports: SettlePorts = {
  input: s3InputStore(s3),
  output: s3OutputStore(s3, settings.KADAM_OUTPUT_BUCKET),
  jobs: dynamoDbJobStore(dynamoDbClient(), settings.KADAM_JOBS_TABLE),
  events: eventBridgePublisher(eventBridgeClient(), settings.KADAM_EVENT_BUS),
  now: Date.now,
  log: jsonLog,
};

const settleRequest = z.strictObject({
  job: z.string(),
  failure: z.strictObject({ Error: z.string(), Cause: z.string() }).optional(),
});

/** What the state machine is told of the ending: its last state shows it in the console. */
export type Settled = { status: string; manifest?: string; error?: { code: string; message: string } };

/** Invoked by the state machine after the Batch job: brings the job to its end and announces it. */
export const handler = middy<unknown, Settled>().handler(async (request: unknown, context: Context) => {
  const { job: id, failure } = settleRequest.parse(request);
  const deployment = { version, outputBucket: settings.KADAM_OUTPUT_BUCKET };
  const job = await settleJob(id, failure, functionWorker(context, deployment), ports);
  const manifest = job.manifestKey && `s3://${settings.KADAM_OUTPUT_BUCKET}/${job.manifestKey}`;
  return { status: job.state, ...(manifest ? { manifest } : {}), ...(job.error ? { error: job.error } : {}) };
});
