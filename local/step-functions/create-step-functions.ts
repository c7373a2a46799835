import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { InternalError } from '../../core/errors.ts';
import { openRecordFolder } from '../record-folder.ts';
import { readBody } from '../request-body.ts';
import type { LocalService } from '../service.ts';
import { createExecutions } from './create-executions.ts';
import { type Execution, executionSchema } from './execution.ts';
import { loadStateMachine, type StateMachineSource } from './load-state-machine.ts';
import { createServiceClients, type ServiceClients } from './service-clients.ts';
import { StepFunctionsException } from './step-functions-exception.ts';
import { stepFunctionsOperations } from './step-functions-operations.ts';

export type StepFunctionsOptions = {
  stateMachines: StateMachineSource[];
  /**
   * Where tasks send their requests; asked when the first execution starts. With executions left open by an earlier
   * run that is right after this service was made.
   */
  endpoint: () => string;
  /** Executions survive a restart in this folder; without it nothing survives. */
  dataDir?: string;
  log?: (line: string) => void;
  /** Times the intervals of every Retry: 1 unless told otherwise, less in tests. */
  retryDelayScale?: number;
};

export type StepFunctionsService = LocalService & {
  /** The listener hears of every execution that ends from now on; the answer takes it away again. */
  onExecutionEnded(listener: (execution: Readonly<Execution>) => void): () => void;
};

/**
 * AWS Step Functions on one machine: definitions in JSONPath, tasks bound by their Resource to the embedded services
 * and sent to them as SDK requests. Throws ConfigurationError for a definition that is invalid or that would not run
 * here as on AWS, or a data folder that cannot be read.
 */
export async function createStepFunctions(options: StepFunctionsOptions): Promise<StepFunctionsService> {
  const loaded = options.stateMachines.map((source) => loadStateMachine(source, options.retryDelayScale ?? 1));
  const stateMachines = new Map(loaded.map((stateMachine) => [stateMachine.arn, stateMachine]));
  let clients: ServiceClients | undefined;
  const executions = createExecutions({
    stateMachines,
    records: openRecordFolder(options.dataDir && join(options.dataDir, 'executions'), executionSchema),
    clients() {
      clients ??= createServiceClients(options.endpoint());
      return clients;
    },
    log: (line) => options.log?.(line),
  });
  const operations = stepFunctionsOperations(executions, stateMachines);
  // Whoever waits for this service can listen for executions that end before the first one runs again.
  setImmediate(() => executions.resume());

  return {
    handle: (request, response) => void answer(request, response, operations),
    onExecutionEnded: (listener) => executions.onEnded(listener),
    async close() {
      await executions.close();
      clients?.close();
    },
  };
}

const targetPrefix = 'AWSStepFunctions.';

/** Holds an input of 256 KiB however its characters are escaped in the request. */
const maxBodyBytes = 1024 ** 2;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  operations: Record<string, (body: unknown) => unknown>,
): Promise<void> {
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(body));
  };
  try {
    const target = String(request.headers['x-amz-target']);
    const name = target.startsWith(targetPrefix) ? target.slice(targetPrefix.length) : target;
    const body = await readBody(request, maxBodyBytes);
    if (body.kind === 'aborted') return;
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) throw new StepFunctionsException('UnknownOperationException', `${name} is not supported`);
    send(200, operation(parseBody(body.kind === 'whole' ? body.bytes.toString() : undefined)));
  } catch (error) {
    if (error instanceof StepFunctionsException) return send(400, { __type: error.type, message: error.message });
    const cause = new InternalError(`The local Step Functions failed: ${error}`, {
      code: 'StepFunctionsFault',
      cause: error,
    });
    send(500, { __type: 'InternalFailure', message: cause.message });
  }
}

function parseBody(body: string | undefined): unknown {
  if (body === undefined) throw new StepFunctionsException('ValidationException', 'The request is larger than 1 MiB');
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new StepFunctionsException('ValidationException', 'Expected a request in JSON');
  }
}
