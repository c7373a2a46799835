import { createHash, randomUUID } from 'node:crypto';
import { executionArn } from '../names.ts';
import type { RecordFolder } from '../record-folder.ts';
import type { Execution } from './execution.ts';
import type { LoadedStateMachine } from './load-state-machine.ts';
import { type ExecutionRun, runExecution } from './run-execution.ts';
import type { ServiceClients } from './service-clients.ts';
import { StepFunctionsException } from './step-functions-exception.ts';

export type ExecutionsOptions = {
  stateMachines: ReadonlyMap<string, LoadedStateMachine>;
  records: RecordFolder<Execution>;
  /** Asked when there is something to run, since the endpoint may not be known before. */
  clients(): ServiceClients;
  log(line: string): void;
};

/** All executions, running and ended. */
export type Executions = {
  start(stateMachine: LoadedStateMachine, name: string | undefined, input: string): Execution;
  stop(execution: Execution, error?: string, cause?: string): void;
  /** Throws ExecutionDoesNotExist. */
  get(arn: string): Execution;
  /** Newest first. */
  list(): Execution[];
  /** Runs those that were open before the restart, each from its first state. */
  resume(): void;
  onEnded(listener: (execution: Execution) => void): () => void;
  close(): Promise<void>;
};

/** Step Functions' limit for an input. */
const maxInputBytes = 256 * 1024;

/** Opens the executions of the records; none runs before `resume`. */
export function createExecutions(options: ExecutionsOptions): Executions {
  const executions = new Map(
    options.records
      .load()
      .sort((a, b) => a.startDate - b.startDate)
      .map((execution) => [execution.executionArn, execution]),
  );
  const runs = new Map<string, ExecutionRun>();
  const listeners = new Set<(execution: Execution) => void>();
  let isClosing = false;

  const save = (execution: Execution) =>
    options.records.put(createHash('sha256').update(execution.executionArn).digest('hex'), execution);

  const run = (execution: Execution, stateMachine: LoadedStateMachine) => {
    const { clients, log } = options;
    const started = runExecution({ execution, stateMachine, clients: clients(), save: () => save(execution), log });
    runs.set(execution.executionArn, started);
    void started.ended.then(() => {
      if (isClosing) return;
      for (const listener of listeners) listener(execution);
    });
    void started.atRest.then(() => runs.delete(execution.executionArn));
  };

  return {
    start(stateMachine, name = randomUUID(), input) {
      checkName(name);
      checkInput(input);
      const arn = executionArn(stateMachine.name, name);
      const existing = executions.get(arn);
      if (existing) {
        if (existing.status === 'RUNNING' && existing.input === input) return existing;
        throw new StepFunctionsException('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      const execution: Execution = {
        executionArn: arn,
        stateMachineArn: stateMachine.arn,
        name,
        status: 'RUNNING',
        startDate: Date.now(),
        input,
        events: [],
        openJobs: [],
      };
      executions.set(arn, execution);
      save(execution);
      run(execution, stateMachine);
      return execution;
    },
    stop(execution, error, cause) {
      if (execution.status !== 'RUNNING') return;
      Object.assign(execution, { status: 'ABORTED', stopDate: Date.now(), error, cause });
      save(execution);
      runs.get(execution.executionArn)?.abort();
    },
    get(arn) {
      const execution = executions.get(arn);
      if (execution) return execution;
      throw new StepFunctionsException('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    },
    list: () => [...executions.values()].reverse(),
    resume() {
      for (const execution of isClosing ? [] : executions.values()) {
        if (execution.status !== 'RUNNING' || runs.has(execution.executionArn)) continue;
        const stateMachine = options.stateMachines.get(execution.stateMachineArn);
        if (stateMachine) run(execution, stateMachine);
        else {
          const cause = `The state machine ${execution.stateMachineArn} is gone`;
          Object.assign(execution, { status: 'FAILED', stopDate: Date.now(), error: 'States.Runtime', cause });
          save(execution);
        }
      }
    },
    onEnded(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      isClosing = true;
      const open = [...runs.values()];
      for (const { suspend } of open) suspend();
      await Promise.all(open.map(({ atRest }) => atRest));
    },
  };
}

// The characters that StartExecution refuses in a name. Source: API_StartExecution in the Step Functions reference.
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\uFFFE\uFFFF]/u;

function checkName(name: string): void {
  if (name.length >= 1 && name.length <= 80 && !forbidden.test(name)) return;
  throw new StepFunctionsException('InvalidName', `Invalid Name: '${name}'`);
}

function checkInput(input: string): void {
  if (Buffer.byteLength(input) > maxInputBytes) {
    throw new StepFunctionsException('InvalidExecutionInput', 'The input is larger than 256 KiB');
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new StepFunctionsException('InvalidExecutionInput', `Invalid State Machine Execution Input: '${error}'`);
  }
}
