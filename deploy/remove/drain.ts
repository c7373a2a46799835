import { JobStatus, paginateListJobs, TerminateJobCommand, UpdateJobQueueCommand } from '@aws-sdk/client-batch';
import { DisableRuleCommand } from '@aws-sdk/client-eventbridge';
import { paginateListEventSourceMappings, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { paginateListExecutions, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { answered } from '../../aws/answered.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { DeployedNames } from '../deployed-names.ts';

/** What has to come to rest before a stack is deleted. Every method throws DependencyError where a service fails. */
export type DrainPort = {
  /** Lets the functions take no more messages. */
  stopIntake(functions: readonly string[]): Promise<void>;
  /** Lets a rule of EventBridge send nothing more. */
  disableRule(rule: string): Promise<void>;
  /** Stops every execution of a state machine; gives how many there were. */
  stopExecutions(stateMachine: string): Promise<number>;
  /** Lets a queue take no more jobs. */
  disableQueue(queue: string): Promise<void>;
  /** The ids of the jobs of a queue that have not ended. */
  openJobs(queue: string): Promise<string[]>;
  terminateJob(id: string, reason: string): Promise<void>;
};

export type DrainDeps = { say: (text: string) => void; wait: (milliseconds: number) => Promise<void> };

/** A container has 30 s between SIGTERM and SIGKILL (ECS's default); Batch takes its time on both sides of it. */
const patience = { polls: 36, milliseconds: 5000 };

/**
 * Brings a deployment to rest: Batch deletes a queue only after its last job, and an environment only without machines.
 * In the way of a picture: first what takes uploads, then executions (whose end terminates their jobs), then what is
 * left in the queues. Jobs that are still open after three minutes are left to the deletion of their queue.
 */
export const drain = async (names: DeployedNames, port: DrainPort, { say, wait }: DrainDeps): Promise<void> => {
  await port.stopIntake(names.functions);
  // Or the executions that are stopped next would have manifests written into buckets that are being emptied.
  await port.disableRule(names.failedExecutions);
  const stopped = await port.stopExecutions(names.stateMachine);
  if (stopped > 0) say(`Stopped ${stopped} executions of ${names.stateMachine}`);
  await Promise.all(names.jobQueues.map((queue) => port.disableQueue(queue)));
  const openJobs = async () => (await Promise.all(names.jobQueues.map((queue) => port.openJobs(queue)))).flat();
  let open = await openJobs();
  if (open.length > 0) say(`Terminating ${open.length} jobs of Batch`);
  for (const id of open) await port.terminateJob(id, 'The deployment is being removed.');
  for (let polls = 0; open.length > 0 && polls < patience.polls; polls += 1) {
    await wait(patience.milliseconds);
    open = await openJobs();
  }
  if (open.length > 0) say(`${open.length} jobs have not ended yet; they end with their queue`);
};

const openStates = [JobStatus.SUBMITTED, JobStatus.PENDING, JobStatus.RUNNABLE, JobStatus.STARTING, JobStatus.RUNNING];

/** Drains by Lambda, Step Functions and Batch; what is not there is at rest. `arnOf` gives a state machine's ARN. */
export const drainPort = (
  { batch, events, lambda, stepFunctions }: AwsClients,
  arnOf: (stateMachine: string) => string,
): DrainPort => ({
  async stopIntake(functions) {
    for (const FunctionName of functions) {
      for await (const page of paginateListEventSourceMappings({ client: lambda }, { FunctionName })) {
        for (const { UUID } of page.EventSourceMappings ?? []) {
          await answered(
            `Lambda to stop the messages of ${FunctionName}`,
            lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false })),
            ['ResourceNotFoundException'],
          );
        }
      }
    }
  },
  async disableRule(Name) {
    await answered(`EventBridge to disable ${Name}`, events.send(new DisableRuleCommand({ Name })), [
      'ResourceNotFoundException',
    ]);
  },
  async stopExecutions(stateMachine) {
    const stateMachineArn = arnOf(stateMachine);
    const running: string[] = [];
    const list = async () => {
      const pages = paginateListExecutions({ client: stepFunctions }, { stateMachineArn, statusFilter: 'RUNNING' });
      for await (const { executions = [] } of pages) {
        running.push(...executions.flatMap(({ executionArn }) => (executionArn === undefined ? [] : [executionArn])));
      }
      return running;
    };
    await answered(`Step Functions to list the executions of ${stateMachine}`, list(), ['StateMachineDoesNotExist']);
    for (const executionArn of running) {
      await answered(
        'Step Functions to stop an execution',
        stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Removed', cause: 'sls remove' })),
        ['ExecutionDoesNotExist'],
      );
    }
    return running.length;
  },
  async disableQueue(jobQueue) {
    // ClientException: there is no such queue, or it is being deleted.
    await answered(
      `Batch to disable ${jobQueue}`,
      batch.send(new UpdateJobQueueCommand({ jobQueue, state: 'DISABLED' })),
      ['ClientException'],
    );
  },
  async openJobs(jobQueue) {
    const open: string[] = [];
    const list = async (jobStatus: JobStatus) => {
      for await (const { jobSummaryList = [] } of paginateListJobs({ client: batch }, { jobQueue, jobStatus })) {
        open.push(...jobSummaryList.flatMap(({ jobId }) => (jobId === undefined ? [] : [jobId])));
      }
      return true;
    };
    for (const status of openStates) {
      await answered(`Batch to list the jobs of ${jobQueue}`, list(status), ['ClientException']);
    }
    return open;
  },
  async terminateJob(jobId, reason) {
    await answered('Batch to terminate a job', batch.send(new TerminateJobCommand({ jobId, reason })), [
      'ClientException',
    ]);
  },
});
