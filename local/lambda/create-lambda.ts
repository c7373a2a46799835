import { ServiceError, serveJson } from '../json-protocol.ts';
import { createProcessControl } from '../processes/process-control.ts';
import type { LocalService } from '../service.ts';
import { createPool, type FunctionPool } from './create-pool.ts';
import { type EventSource, startEventSource } from './event-source.ts';
import type { FunctionDefinition, InvocationResult } from './function-definition.ts';
import { findInvoke, maxRequestBytes } from './invoke-operation.ts';

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
  const pools = new Map(
    functions.map((definition) => {
      const logOf = (line: string) => log(`${definition.name}: ${line}`);
      return [definition.name, createPool({ definition, shared: environment, control, log: logOf })];
    }),
  );
  const sources: ReturnType<typeof startEventSource>[] = [];

  const poolOf = (name: string): FunctionPool => {
    const pool = pools.get(name);
    if (pool !== undefined) return pool;
    const known = [...pools.keys()].join(', ');
    throw new ServiceError('ResourceNotFoundException', `Expected one of ${known} but received '${name}'.`, 404);
  };
  const invoke = async (name: string, event: unknown) => poolOf(name).invoke(event);

  return {
    handle: serveJson({
      operationOf: findInvoke(invoke),
      malformed: 'InvalidRequestContentException',
      maxBytes: maxRequestBytes,
      log,
    }),
    invoke,
    addEventSource(source) {
      const logOf = (line: string) => log(`${source.functionName}: ${line}`);
      sources.push(startEventSource(source, poolOf(source.functionName), logOf));
    },
    async close() {
      for (const source of sources) source.stop();
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      await Promise.all(sources.map((source) => source.close()));
    },
  };
};
