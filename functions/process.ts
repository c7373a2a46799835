import type { Context, SQSRecord } from 'aws-lambda';
import { sqsClient, stepFunctionsClient } from '../aws/clients.ts';
import { emfMetrics } from '../aws/emf-metrics.ts';
import { log } from '../aws/log.ts';
import { limitNames, readSettings, routingLimits } from '../aws/settings.ts';
import { sqsHandler } from '../aws/sqs-handler.ts';
import { postponeMessage, sqsWorkQueue, workMessage } from '../aws/sqs-work-queue.ts';
import { stepFunctionsWorkflow } from '../aws/step-functions-workflow.ts';
import { deploymentOf, workerPorts, workerSettingNames } from '../aws/worker-ports.ts';
import { type ProcessPorts, processJob } from '../core/use-cases/process-job.ts';
import { functionWorker } from '../core/use-cases/worker.ts';

const settings = readSettings(process.env, [
  ...workerSettingNames,
  'KADAM_WORK_QUEUE_URL',
  'KADAM_STATE_MACHINE_ARN',
  'KADAM_JOB_DEFINITIONS',
  ...limitNames,
]);
const limits = routingLimits(settings);
const sqs = sqsClient();
const ports: ProcessPorts = {
  ...workerPorts(settings, Date.now),
  metrics: emfMetrics(log.known),
  workQueue: sqsWorkQueue(sqs, settings.KADAM_WORK_QUEUE_URL),
  workflow: stepFunctionsWorkflow(
    stepFunctionsClient(),
    settings.KADAM_STATE_MACHINE_ARN,
    settings.KADAM_CONTAINERS,
    settings.KADAM_JOB_DEFINITIONS,
  ),
};

const processMessage = async (record: SQSRecord, context: Context): Promise<void> => {
  const { job } = workMessage.parse(record.body);
  log.add({ job });
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
export const handler = sqsHandler(processMessage);
