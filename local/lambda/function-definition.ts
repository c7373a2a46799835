/** A function of the embedded Lambda, as serverless.yml would describe it. */
export type FunctionDefinition = {
  name: string;
  /** Absolute path of a .ts or .js module. */
  file: string;
  /** Name of the module's export; `handler` if absent. */
  handler?: string;
  timeoutSeconds: number;
  /** Above it, all processes of one execution environment together are killed. */
  memoryMiB: number;
  /** Execution environments at once; 10 if absent. */
  maxConcurrency?: number;
};

/** How a failed invocation describes its failure, in AWS's own words. */
export type FunctionError = { errorType: string; errorMessage: string; trace?: string[] };

export type InvocationResult = {
  requestId: string;
  /** JSON text: what the handler returned, or a FunctionError. */
  payload: string;
  /** Set if the handler threw, ran out of time or memory, or its process ended. */
  functionError?: 'Unhandled';
};
