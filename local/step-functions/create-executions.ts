import { createHash } from 'node:crypto';
import { ServiceError } from '../json-protocol.ts';
import { executionArn } from '../names.ts';
import type { RecordFolder } from '../record-folder.ts';
import type { Execution } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';
import { type ExecutionRun, runExecution } from './run-execution.ts';
import type { ServiceClients } from './service-clients.ts';
import { type StatusChange, statusChange } from './status-change.ts';
import { terminateJobs } from './terminate-jobs.ts';

export type ExecutionsOptions = {
  stateMachines: ReadonlyMap<string, LoadedStateMachine>;
  records: RecordFolder<Execution>;
  clients: ServiceClients;
  /** Hears of every end; of one that it could not deal with (it rejects) again at the next start. */
  onEnd(event: StatusChange, closing: AbortSignal): Promise<void>;
  log(line: string): void;
};

/** All executions, running and ended. */
export type Executions = ReturnType<typeof createExecutions>;

/** Step Functions' limit for an input. */
const maxInputBytes = 256 * 1024;

/** Opens the executions of the records; those that were left open run again, each from its first state. */
export const createExecutions = (options: ExecutionsOptions) => {
  const executions = new Map(
    options.records
      .load()
      .sort((a, b) => a.startDate - b.startDate)
      .map((execution) => [execution.executionArn, execution]),
  );
  const runs = new Map<string, ExecutionRun>();
  const endings = new Set<Promise<void>>();
  const closing = new AbortController();
  const awaitAtClose = (work: Promise<void>) => {
    endings.add(work);
    void work.finally(() => endings.delete(work));
  };

  const save = (execution: Execution) =>
    options.records.put(createHash('sha256').update(execution.executionArn).digest('hex'), execution);

  const end = (execution: Execution, status: Execution['status'], error?: string, cause?: string) => {
    Object.assign(execution, { status, stopDate: Date.now(), error, cause });
    save(execution);
  };

  const announce = async (execution: Execution): Promise<void> => {
    if (execution.status === 'RUNNING' || execution.isAnnounced) return;
    try {
      await options.onEnd(statusChange(execution), closing.signal);
      execution.isAnnounced = true;
      save(execution);
    } catch (error) {
      if (!closing.signal.aborted) options.log(`${execution.name}: its end was not dealt with: ${error}`);
    }
  };

  const run = (execution: Execution, stateMachine: LoadedStateMachine) => {
    const { clients, log } = options;
    const started = runExecution({ execution, stateMachine, clients, save: () => save(execution), log });
    runs.set(execution.executionArn, started);
    awaitAtClose(
      started.atRest.then(() => {
        runs.delete(execution.executionArn);
        return announce(execution);
      }),
    );
  };

  const takeUp = (execution: Execution) => {
    const stateMachine = options.stateMachines.get(execution.stateMachineArn);
    if (execution.status === 'RUNNING' && stateMachine) return run(execution, stateMachine);
    if (execution.status === 'RUNNING') {
      end(execution, 'FAILED', 'States.Runtime', `The state machine ${execution.stateMachineArn} is gone`);
    }
    // It ended just before Kadam did, which left no time to end its jobs.
    const { clients, log } = options;
    awaitAtClose(terminateJobs(execution.openJobs, { execution, clients, save: () => save(execution), log }));
    awaitAtClose(announce(execution));
  };
  for (const execution of executions.values()) takeUp(execution);

  return {
    start(stateMachine: LoadedStateMachine, name: string, input: string): Execution {
      checkName(name);
      checkInput(input);
      const arn = executionArn(stateMachine.name, name);
      const existing = executions.get(arn);
      if (existing) {
        if (existing.status === 'RUNNING' && existing.input === input) return existing;
        throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      const execution: Execution = {
        executionArn: arn,
        stateMachineArn: stateMachine.arn,
        name,
        status: 'RUNNING',
        startDate: Date.now(),
        input,
        events: [],
        isAnnounced: false,
        openJobs: [],
      };
      executions.set(arn, execution);
      save(execution);
      run(execution, stateMachine);
      return execution;
    },
    stop(execution: Execution, error?: string, cause?: string): void {
      if (execution.status !== 'RUNNING') return;
      end(execution, 'ABORTED', error, cause);
      runs.get(execution.executionArn)?.abort();
    },
    /** Throws ExecutionDoesNotExist. */
    get(arn: string): Execution {
      const execution = executions.get(arn);
      if (execution) return execution;
      throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    },
    /** Newest first. */
    list: (): Execution[] => [...executions.values()].reverse(),
    /** Breaks off what runs, so that it is taken up again. */
    async close(): Promise<void> {
      closing.abort();
      for (const { suspend } of runs.values()) suspend();
      await Promise.all(endings);
    },
  };
};

// The characters that StartExecution refuses in a name. Source: API_StartExecution in the Step Functions reference.
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\uFFFE\uFFFF]/u;

const checkName = (name: string): void => {
  if (name.length >= 1 && name.length <= 80 && !forbidden.test(name)) return;
  throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
};

const checkInput = (input: string): void => {
  if (Buffer.byteLength(input) > maxInputBytes) {
    throw new ServiceError('InvalidExecutionInput', 'The input is larger than 256 KiB');
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${error}'`);
  }
};
