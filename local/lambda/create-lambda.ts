import { pathToFileURL } from 'node:url';
import { ServiceError, serveJson } from '../json-protocol.ts';
import { createProcessControl } from '../processes/process-control.ts';
import type { LocalService } from '../service.ts';
import { createPool } from './create-pool.ts';
import { describeFunction } from './describe-function.ts';
import { type EventSource, startEventSource } from './event-source.ts';
import type { FunctionDefinition, InvocationResult } from './function-definition.ts';
import { maxRequestBytes } from './invoke-operation.ts';
import { findLambdaOperation } from './lambda-operations.ts';

export type LambdaService = LocalService & {
  /**
   * Invokes a function with a JSON value and waits for its result; a handler that fails is a result, too.
   * @throws ServiceError `ResourceNotFoundException`, `TooManyRequestsException`
   */
  invoke(name: string, event: unknown): Promise<InvocationResult>;
  /** Feeds a function from a queue until `close`. */
  addEventSource(source: EventSource): void;
};

export type LambdaOptions = {
  functions: readonly FunctionDefinition[];
  /** Variables that every function gets, such as the endpoint and credentials of the embedded cloud. */
  environment: Record<string, string>;
  /** Gets each line that a function writes, after its name; standard error if absent. */
  log?: (line: string) => void;
};

/**
 * Lambda with a child process for each execution environment. `close` stops polling, kills what runs and removes its
 * files; messages in flight become visible again after their time-out.
 */
export const createLambda = ({ functions, environment, log = console.error }: LambdaOptions): LambdaService => {
  const control = createProcessControl(log);
  const deployed = new Map(
    functions.map((definition) => {
      const logOf = (line: string) => log(`${definition.name}: ${line}`);
      const pool = createPool({ definition, shared: environment, control, log: logOf });
      return [definition.name, { pool, definition }];
    }),
  );
  const deployedAt = new Date();
  const sources: ReturnType<typeof startEventSource>[] = [];

  const find = (name: string) => {
    const found = deployed.get(name);
    if (found !== undefined) return found;
    const known = [...deployed.keys()].join(', ');
    throw new ServiceError('ResourceNotFoundException', `Expected one of ${known} but received '${name}'.`, 404);
  };
  const invoke = async (name: string, event: unknown) => find(name).pool.invoke(event);
  const operationOf = findLambdaOperation({
    configuration: (name) => describeFunction(find(name).definition, environment, deployedAt),
    names: () => [...deployed.keys()],
    location: (name) => pathToFileURL(find(name).definition.file).href,
    invoke,
    log,
  });

  return {
    handle: serveJson({
      operationOf,
      malformed: 'InvalidRequestContentException',
      maxBytes: maxRequestBytes,
      log,
    }),
    invoke,
    addEventSource(source) {
      const logOf = (line: string) => log(`${source.functionName}: ${line}`);
      sources.push(startEventSource(source, find(source.functionName).pool, logOf));
    },
    async close() {
      for (const source of sources) source.stop();
      await Promise.all([...deployed.values()].map(({ pool }) => pool.close()));
      await Promise.all(sources.map((source) => source.close()));
    },
  };
};
