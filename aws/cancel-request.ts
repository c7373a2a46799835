import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { DependencyError } from '../core/errors.ts';
import type { Job } from '../core/jobs/job.ts';
import { parseJson } from '../core/parse-json.ts';
import { answered } from './answered.ts';
import { executionArnOf } from './step-functions-workflow.ts';

/** Stops the execution that runs a job, and with it the Batch job that it waits for. One that is not there is no error. */
export const stopExecution = async (client: SFNClient, stateMachineArn: string, job: Job): Promise<void> => {
  const executionArn = executionArnOf(stateMachineArn, job);
  await answered(
    'Step Functions to stop an execution',
    client.send(new StopExecutionCommand({ executionArn, error: 'Cancelled', cause: 'by a person' })),
    ['ExecutionDoesNotExist'],
  );
};

const settled = z.looseObject({ status: z.string() });

/**
 * Asks a deployment's function `settle` to cancel a job: only workers may write to the output bucket. The job is still
 * open after that where a worker holds it.
 */
export const requestCancel = async (client: LambdaClient, settleFunction: string, jobId: string): Promise<void> => {
  const answer = await answered(
    'the function settle to cancel a job',
    client.send(
      new InvokeCommand({ FunctionName: settleFunction, Payload: JSON.stringify({ job: jobId, cancel: true }) }),
    ),
  );
  const text = Buffer.from(answer?.Payload ?? []).toString();
  if (answer?.FunctionError === undefined && settled.safeParse(parseJson(text)).success) return;
  throw new DependencyError(`Expected ${settleFunction} to cancel job ${jobId} but it answered ${text}. Try again.`, {
    code: 'ServiceFailed',
  });
};
