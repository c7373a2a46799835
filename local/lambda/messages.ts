import type { FunctionError } from './function-definition.ts';

/** One invocation, on its way into the execution environment. */
export type InvocationMessage = {
  requestId: string;
  event: unknown;
  /** Milliseconds since 1970. */
  deadline: number;
  functionArn: string;
};

/** What an execution environment says: that its module is loaded, and how an invocation (or the loading) ended. */
export type EnvironmentMessage =
  | { kind: 'ready' }
  | { kind: 'result'; payload: string }
  | { kind: 'failure'; error: FunctionError };
