import { fileURLToPath } from 'node:url';
import type { RoutingLimits } from '../core/route/limits.ts';
import { stateMachineArn } from './names.ts';
import { repository } from './read-job-file.ts';

/** The names of everything in the embedded cloud's deployment of Kadam. */
export const cloudNames = {
  inputBucket: 'kadam-input',
  outputBucket: 'kadam-output',
  jobsTable: 'kadam-jobs',
  uploadsQueue: 'kadam-uploads',
  uploadsDeadLetters: 'kadam-uploads-dead',
  workQueue: 'kadam-work',
  workDeadLetters: 'kadam-work-dead',
  jobQueue: 'kadam-filter',
  stateMachine: 'kadam-filter-image',
  dispatch: 'kadam-dispatch',
  process: 'kadam-process',
  settle: 'kadam-settle',
} as const;

/** The environment that serverless.yml gives the deployed functions and jobs, for the embedded cloud. */
export const cloudEnvironment = (limits: RoutingLimits, workQueueUrl: string, leaseSeconds: number) => ({
  KADAM_OUTPUT_BUCKET: cloudNames.outputBucket,
  KADAM_JOBS_TABLE: cloudNames.jobsTable,
  KADAM_WORK_QUEUE_URL: workQueueUrl,
  KADAM_STATE_MACHINE_ARN: stateMachineArn(cloudNames.stateMachine),
  KADAM_EVENT_BUS: 'default',
  KADAM_RECIPES: fileURLToPath(new URL('recipes', repository)),
  KADAM_LEASE_SECONDS: String(leaseSeconds),
  KADAM_LAMBDA_TIMEOUT_SECONDS: String(limits.lambda.timeoutSeconds),
  KADAM_LAMBDA_MEMORY_MIB: String(limits.lambda.memoryMiB),
  KADAM_LAMBDA_DISK_MIB: String(limits.lambda.diskMiB),
  KADAM_BATCH_TIMEOUT_SECONDS: String(limits.batch.timeoutSeconds),
  KADAM_BATCH_MEMORY_MIB: String(limits.batch.memoryMiB),
  KADAM_BATCH_DISK_MIB: String(limits.batch.diskMiB),
  KADAM_BATCH_VCPUS: String(limits.batch.vcpus),
  KADAM_MARGIN: String(limits.margin),
});

/** The ASL definition with its substitutions (`${Name}`) made, as CloudFormation's DefinitionSubstitutions does. */
export const substituted = (definition: string, values: Record<string, string>): unknown =>
  JSON.parse(definition.replace(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
