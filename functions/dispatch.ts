import type { SQSRecord } from 'aws-lambda';
import { dynamoDbClient, s3Client, sqsClient, stepFunctionsClient } from '../aws/clients.ts';
import { deploymentSettingNames } from '../aws/deployment.ts';
import { dynamoDbJobStore } from '../aws/dynamodb-job-store.ts';
import { dynamoDbRecipeStore } from '../aws/dynamodb-recipe-store.ts';
import { emfMetrics } from '../aws/emf-metrics.ts';
import { log, reporting } from '../aws/log.ts';
import { s3InputStore } from '../aws/s3-input-store.ts';
import { limitNames, readSettings, routingLimits } from '../aws/settings.ts';
import { sqsHandler } from '../aws/sqs-handler.ts';
import { sqsWorkQueue } from '../aws/sqs-work-queue.ts';
import { stepFunctionsWorkflow } from '../aws/step-functions-workflow.ts';
import { announcedBy } from '../aws/uploads-queue.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import { type DispatchPorts, dispatchUpload } from '../core/use-cases/dispatch-upload.ts';

const settings = readSettings(process.env, [
  'KADAM_JOBS_TABLE',
  'KADAM_WORK_QUEUE_URL',
  'KADAM_STATE_MACHINE_ARN',
  'KADAM_RECIPES',
  'KADAM_CONTAINER_FILTERS',
  'KADAM_JOB_DEFINITIONS',
  'POWERTOOLS_SERVICE_NAME',
  ...limitNames,
  // Commands of people find the deployment by this function's environment.
  ...deploymentSettingNames,
]);
const limits = routingLimits(settings);
const catalogue = await readCatalogue(
  settings.KADAM_RECIPES,
  await readContainerFilters(settings.KADAM_CONTAINER_FILTERS),
);
const dynamoDb = dynamoDbClient();
const ports: DispatchPorts = {
  input: s3InputStore(s3Client()),
  jobs: dynamoDbJobStore(dynamoDb, settings.KADAM_JOBS_TABLE),
  recipes: dynamoDbRecipeStore(dynamoDb, settings.KADAM_JOBS_TABLE),
  workQueue: sqsWorkQueue(sqsClient(), settings.KADAM_WORK_QUEUE_URL),
  workflow: stepFunctionsWorkflow(
    stepFunctionsClient(),
    settings.KADAM_STATE_MACHINE_ARN,
    settings.KADAM_CONTAINERS,
    settings.KADAM_JOB_DEFINITIONS,
  ),
  now: Date.now,
  log,
  metrics: emfMetrics(log.known),
};

/** Dispatches the uploads of one message, every one of them even where an earlier one fails. */
const dispatchMessage = async ({ body }: SQSRecord): Promise<void> => {
  const { uploads, again } = announcedBy(body);
  const results = await Promise.allSettled(
    uploads.map((upload) => reporting('upload', {}, () => dispatchUpload(upload, { catalogue, limits }, ports, again))),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
};

/** SQS messages with S3 events in them, or with a person's wish to reprocess: answers which have to come again. */
export const handler = sqsHandler(dispatchMessage, () => ports.metrics.record({ values: { DispatchErrors: 1 } }));
