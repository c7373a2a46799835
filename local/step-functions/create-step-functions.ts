import { join } from 'node:path';
import { byTarget, serveJson } from '../json-protocol.ts';
import { openRecordFolder } from '../record-folder.ts';
import type { LocalService } from '../service.ts';
import { createExecutions } from './create-executions.ts';
import { executionSchema } from './execution.ts';
import { loadStateMachine, type StateMachineSource } from './load-state-machine.ts';
import { createServiceClients } from './service-clients.ts';
import type { StatusChange } from './status-change.ts';
import { stepFunctionsOperations } from './step-functions-operations.ts';

export type StepFunctionsOptions = {
  stateMachines: StateMachineSource[];
  /** Where tasks send their requests, at once if an earlier run has left executions open. */
  endpoint: string;
  /** Hears of every execution that ended, as EventBridge does; of one that it rejects again at the next start. */
  onEnd?: (event: StatusChange, closing: AbortSignal) => Promise<void>;
  /** Executions survive a restart in this folder; without it nothing survives. */
  dataDir?: string;
  log?: (line: string) => void;
  /** Times the intervals of every Retry: 1 unless told otherwise, less in tests. */
  retryDelayScale?: number;
};

/** Holds an input of 256 KiB however its characters are escaped in the request. */
const maxBytes = 1024 ** 2;

/**
 * AWS Step Functions on one machine: definitions in JSONPath, tasks bound by their Resource to the embedded services
 * and sent to them as SDK requests. Throws ConfigurationError for a definition that is invalid or that would not run
 * here as on AWS, or a data folder that cannot be read.
 */
export const createStepFunctions = async (options: StepFunctionsOptions): Promise<LocalService> => {
  const { dataDir, log = () => undefined, onEnd = async () => undefined } = options;
  const loaded = options.stateMachines.map((source) => loadStateMachine(source, options.retryDelayScale ?? 1));
  const stateMachines = new Map(loaded.map((stateMachine) => [stateMachine.arn, stateMachine]));
  const clients = createServiceClients(options.endpoint);
  const records = openRecordFolder(dataDir && join(dataDir, 'executions'), executionSchema);
  const executions = createExecutions({ stateMachines, records, clients, onEnd, log });
  const operationOf = byTarget(stepFunctionsOperations(executions, stateMachines));

  return {
    handle: serveJson({ operationOf, malformed: 'ValidationException', maxBytes, log }),
    async close() {
      await executions.close();
      for (const client of Object.values(clients)) client.destroy();
    },
  };
};
