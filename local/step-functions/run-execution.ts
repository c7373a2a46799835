import { ExecutionError, ExecutionTimeoutError } from 'aws-local-stepfunctions';
import { createTaskRunner } from './create-task-runner.ts';
import type { Execution } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';
import { openJobsOf } from './open-jobs.ts';
import type { ServiceClients } from './service-clients.ts';
import { terminateJobs } from './terminate-jobs.ts';
import { toHistoryEvent } from './to-history-event.ts';

export type RunOptions = {
  execution: Execution;
  stateMachine: LoadedStateMachine;
  clients: ServiceClients;
  save(): void;
  log(line: string): void;
};

export type ExecutionRun = ReturnType<typeof runExecution>;

/** Runs an execution from its first state and writes its end and its history into the record. */
export const runExecution = ({ execution, stateMachine, clients, save, log }: RunOptions) => {
  execution.events = [];
  const jobsLeft = new Set(execution.openJobs);
  const { executionArn, stateMachineArn, name } = execution;
  let isSuspended = false;

  const tasks = createTaskRunner({
    record: (event) => {
      // The end is the last event, though a job may still be on its way to Batch, only to be terminated there.
      if (execution.status === 'RUNNING') execution.events.push(event);
    },
    log: (line) => log(`${name}: ${line}`),
    contextOf: ({ state }) => ({ clients, openJobs: openJobsOf(state, execution, jobsLeft, save) }),
  });
  const run = stateMachine.machine.run(JSON.parse(execution.input), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        stateMachine.tasks.map((task) => [task.state, (input) => tasks.run(task, input)]),
      ),
    },
    context: {
      Execution: { Id: executionArn, Name: name },
      StateMachine: { Id: stateMachineArn, Name: stateMachine.name },
    },
  });

  const readLog = async () => {
    for await (const event of run.eventLogs) {
      const known = toHistoryEvent(event, execution);
      if (known) execution.events.push(known);
    }
  };

  const finish = async (logRead: Promise<void>) => {
    const outcome = await run.result.then(
      (output): Partial<Execution> => ({ status: 'SUCCEEDED', output: JSON.stringify(output) }),
      outcomeOfError,
    );
    if (isSuspended) return;
    if (execution.status === 'RUNNING') Object.assign(execution, outcome, { stopDate: Date.now() });
    await logRead;
    save();
  };

  const cleanUp = async () => {
    await tasks.close(isSuspended ? 'suspended' : 'ended');
    if (!isSuspended) await terminateJobs(jobsLeft, { execution, clients, save, log });
  };

  return {
    /** Resolves when nothing of the execution runs any more; never rejects. */
    atRest: finish(readLog()).then(cleanUp),
    /** Ends the execution with the status that it has been given. */
    abort: () => run.abort(),
    /** Breaks off and leaves the execution and its jobs to be taken up again. */
    suspend(): void {
      isSuspended = true;
      run.abort();
    },
  };
};

const outcomeOfError = (error: unknown): Partial<Execution> => {
  if (error instanceof ExecutionTimeoutError) return { status: 'TIMED_OUT', error: 'States.Timeout' };
  const { cause } = error instanceof ExecutionError ? error : { cause: error };
  if (cause instanceof Error) return { status: 'FAILED', error: cause.name, cause: cause.message };
  return { status: 'FAILED', error: 'States.Runtime', cause: String(cause) };
};
