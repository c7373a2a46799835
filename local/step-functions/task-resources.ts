import type { Json } from './change-case.ts';
import { invokeFields, invokeFunction } from './invoke-function.ts';
import type { OpenJobs } from './open-jobs.ts';
import type { ServiceClients } from './service-clients.ts';
import { submitJobFields, submitJobSync } from './submit-job-sync.ts';
import type { ServiceName } from './task-error.ts';

/** What a running task may use. */
export type TaskContext = {
  clients: ServiceClients;
  /** Aborts when the state's time is up or the execution ends. */
  signal: AbortSignal;
  /** Whether the abort means that Kadam itself is going away, and the work is to be taken up again. */
  isClosing(): boolean;
  openJobs: OpenJobs;
  /** Notes in the history what the service answered when it took a job that the task now waits for. */
  noteSubmitted(output: Json): void;
};

/** A service integration: which fields it takes, and how it sends the evaluated ones to the embedded service. */
export type TaskResource = {
  /** As in the ARN: `batch` and `submitJob.sync`. */
  service: string;
  action: string;
  errorsOf: ServiceName;
  fields: string[];
  run(input: Json, context: TaskContext): Promise<Json>;
};

const resources: TaskResource[] = [
  { service: 'batch', action: 'submitJob.sync', errorsOf: 'Batch', fields: submitJobFields, run: submitJobSync },
  { service: 'lambda', action: 'invoke', errorsOf: 'Lambda', fields: invokeFields, run: invokeFunction },
];

/** The integration that a Task's Resource names, or none where the local Step Functions has no such. */
export const findResource = (arn: unknown): TaskResource | undefined =>
  resources.find(({ service, action }) => arn === `arn:aws:states:::${service}:${action}`);
