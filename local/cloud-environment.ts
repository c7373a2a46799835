import { fileURLToPath } from 'node:url';
import { functionName } from '../aws/deployment.ts';
import { repository } from '../aws/job-file.ts';
import { prefixOf } from '../aws/prefix-of.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import { type Containers, localJobDefinitionArns } from './containers.ts';
import { stateMachineArn } from './names.ts';

/** The stage that the embedded cloud's deployment of Kadam is: commands find it as they find every other. */
export const localStage = 'local';

const prefix = prefixOf(localStage);

/** The names of everything in the embedded cloud's deployment of Kadam. */
export const cloudNames = {
  inputBucket: 'kadam-input',
  outputBucket: 'kadam-output',
  jobsTable: 'kadam-jobs',
  uploadsQueue: 'kadam-uploads',
  uploadsDeadLetters: 'kadam-uploads-dead',
  workQueue: 'kadam-work',
  workDeadLetters: 'kadam-work-dead',
  spotQueue: `${prefix}-spot`,
  onDemandQueue: `${prefix}-on-demand`,
  stateMachine: `${prefix}-filter-image`,
  dispatch: functionName(localStage, 'dispatch'),
  process: functionName(localStage, 'process'),
  settle: functionName(localStage, 'settle'),
} as const;

/** The environment that serverless.yml gives the deployed functions and jobs, for the embedded cloud. */
export const cloudEnvironment = (
  limits: RoutingLimits,
  queues: { uploadsQueueUrl: string; workQueueUrl: string },
  containers: Containers,
  leaseSeconds: number,
) => ({
  POWERTOOLS_SERVICE_NAME: prefix,
  KADAM_INPUT_BUCKET: cloudNames.inputBucket,
  KADAM_OUTPUT_BUCKET: cloudNames.outputBucket,
  KADAM_JOBS_TABLE: cloudNames.jobsTable,
  KADAM_UPLOADS_QUEUE_URL: queues.uploadsQueueUrl,
  KADAM_WORK_QUEUE_URL: queues.workQueueUrl,
  KADAM_STATE_MACHINE_ARN: stateMachineArn(cloudNames.stateMachine),
  KADAM_EVENT_BUS: 'default',
  KADAM_RECIPES: fileURLToPath(new URL('recipes', repository)),
  KADAM_CONTAINER_FILTERS: containers.folder,
  KADAM_JOB_DEFINITIONS: JSON.stringify(localJobDefinitionArns(containers)),
  KADAM_LEASE_SECONDS: String(leaseSeconds),
  KADAM_LAMBDA_TIMEOUT_SECONDS: String(limits.lambda.timeoutSeconds),
  KADAM_LAMBDA_MEMORY_MIB: String(limits.lambda.memoryMiB),
  KADAM_LAMBDA_DISK_MIB: String(limits.lambda.diskMiB),
  KADAM_CONTAINERS: JSON.stringify(limits.containers),
  KADAM_MARGIN: String(limits.margin),
});

/** The ASL definition with its substitutions (`${Name}`) made, as CloudFormation's DefinitionSubstitutions does. */
export const substituted = (definition: string, values: Record<string, string>): unknown =>
  JSON.parse(definition.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
