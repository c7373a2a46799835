import type { FunctionError } from './function-definition.ts';

/** One invocation, on its way into the execution environment. */
export type InvocationMessage = {
  requestId: string;
  event: unknown;
  /** Milliseconds since 1970. */
  deadline: number;
  functionArn: string;
};

/**
 * What an execution environment says: that its module is loaded, how an invocation ended, or that the process is of no
 * further use (the module did not load, an error was caught by nobody).
 */
export type EnvironmentMessage =
  | { kind: 'ready' }
  | { kind: 'result'; payload: string }
  | { kind: 'failure'; error: FunctionError }
  | { kind: 'crash'; error: FunctionError };
