import { type BatchClient, DescribeJobsCommand, type JobDetail } from '@aws-sdk/client-batch';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { executionArnOf } from '../../aws/step-functions-workflow.ts';
import type { Job } from '../../core/jobs/job.ts';
import { stateMachineArn } from '../names.ts';
import type { BatchJobDetails, ExecutionDetails } from './answers.ts';
import { batchJobsOf, stepsOf } from './execution-steps.ts';

export type ExecutionClients = { sfn: SFNClient; batch: BatchClient };

/**
 * The executions of the state machine for a job, newest first, with their steps and Batch jobs. Their names follow from
 * the record, which numbers them. Rejects as the clients do.
 */
export const describeExecutions = async (
  clients: ExecutionClients,
  stateMachine: string,
  job: Job,
): Promise<ExecutionDetails[]> => {
  if (job.decision.target !== 'batch') return [];
  const arns = Array.from({ length: job.execution }, (_, index) =>
    executionArnOf(stateMachineArn(stateMachine), job, job.execution - index),
  );
  const found = await Promise.all(arns.map((arn) => describeExecution(clients, arn)));
  return found.filter((execution) => execution !== undefined);
};

const describeExecution = async (
  { sfn, batch }: ExecutionClients,
  arn: string,
): Promise<ExecutionDetails | undefined> => {
  try {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    const events = await historyOf(sfn, arn);
    const jobs = batchJobsOf(events);
    const answer = jobs.length > 0 ? await batch.send(new DescribeJobsCommand({ jobs })) : undefined;
    return {
      name: execution.name ?? '',
      arn,
      status: execution.status ?? '',
      startedAt: execution.startDate?.getTime() ?? 0,
      stoppedAt: execution.stopDate?.getTime(),
      error: execution.error,
      cause: execution.cause,
      steps: stepsOf(events),
      batchJobs: (answer?.jobs ?? []).map(describeBatchJob),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
};

const historyOf = async (sfn: SFNClient, arn: string): Promise<HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const command = new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000, nextToken });
    const page = await sfn.send(command);
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
};

const describeBatchJob = (job: JobDetail): BatchJobDetails => {
  const ended = job.attempts ?? [];
  // Attempts are listed when they have ended; the one that runs shows in the job itself.
  const isRunning = job.status === 'STARTING' || job.status === 'RUNNING';
  const running = isRunning ? [{ startedAt: job.startedAt, logHref: logHref(job.container?.logStreamName) }] : [];
  return {
    id: job.jobId ?? '',
    name: job.jobName ?? '',
    status: job.status ?? '',
    statusReason: job.statusReason,
    attempts: [
      ...ended.map(({ startedAt, stoppedAt, statusReason, container }) => ({
        ...{ startedAt, stoppedAt, exitCode: container?.exitCode, reason: container?.reason ?? statusReason },
        logHref: logHref(container?.logStreamName),
      })),
      ...running,
    ],
  };
};

const logHref = (stream: string | undefined): string | undefined =>
  stream === undefined ? undefined : `/_kadam/logs?${new URLSearchParams({ stream })}`;
