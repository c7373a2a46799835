import middy from '@middy/core';
import partialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { sqsClient, stepFunctionsClient } from '../aws/clients.ts';
import { failureLog } from '../aws/json-log.ts';
import { middyOptions } from '../aws/middy-options.ts';
import { limitNames, readSettings, routingLimits } from '../aws/settings.ts';
import { postponeMessage, sqsWorkQueue } from '../aws/sqs-work-queue.ts';
import { stepFunctionsWorkflow } from '../aws/step-functions-workflow.ts';
import { deploymentOf, workerPorts, workerSettingNames } from '../aws/worker-ports.ts';
import { type ProcessPorts, processJob } from '../core/use-cases/process-job.ts';
import { functionWorker } from '../core/use-cases/worker.ts';

const settings = readSettings(process.env, [
  ...workerSettingNames,
  'KADAM_WORK_QUEUE_URL',
  'KADAM_STATE_MACHINE_ARN',
  ...limitNames,
]);
const limits = routingLimits(settings);
const sqs = sqsClient();
const ports: ProcessPorts = {
  ...workerPorts(settings, Date.now),
  workQueue: sqsWorkQueue(sqs, settings.KADAM_WORK_QUEUE_URL),
  workflow: stepFunctionsWorkflow(stepFunctionsClient(), settings.KADAM_STATE_MACHINE_ARN, limits.batch),
};
const workMessage = z.strictObject({ job: z.string() });

const processMessage = async (record: SQSRecord, context: Context): Promise<void> => {
  const { job } = workMessage.parse(JSON.parse(record.body));
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const worker = functionWorker(context, deploymentOf(settings), settings.KADAM_LEASE_SECONDS, limits);
  try {
    await processJob(job, receiveCount, worker, ports);
  } catch (error) {
    // By then a lease that stood in the way has run out, and a service that failed has had some time.
    const seconds = settings.KADAM_LEASE_SECONDS * receiveCount;
    await postponeMessage(sqs, settings.KADAM_WORK_QUEUE_URL, record.receiptHandle, seconds);
    throw error;
  }
};

/** Messages of the work queue (batches of one): answers whether the message failed and has to come again. */
export const handler = middy<SQSEvent>(middyOptions)
  .use(partialBatchFailure({ logger: failureLog }))
  .handler((event: SQSEvent, context: Context) =>
    Promise.allSettled(event.Records.map((record) => processMessage(record, context))),
  );
