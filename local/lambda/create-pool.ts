import { ServiceError } from '../json-protocol.ts';
import { type EnvironmentOptions, type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';
import type { InvocationResult } from './function-definition.ts';

/** AWS's default is the account's 1,000; each one here is a process of some 60 MB. */
const defaultMaxConcurrency = 10;

export type FunctionPool = ReturnType<typeof createPool>;

/** The execution environments of one function: warm ones are reused, and more are started on demand. */
export const createPool = (options: EnvironmentOptions) => {
  const { name, maxConcurrency = defaultMaxConcurrency } = options.definition;
  const environments = new Set<ExecutionEnvironment>();
  /** The most recently used last. */
  let idle: ExecutionEnvironment[] = [];
  let isClosed = false;

  const start = (): ExecutionEnvironment => {
    const busy = [...environments].filter(({ isAlive }) => isAlive).length;
    if (isClosed || busy >= maxConcurrency) {
      const message = `Expected at most ${maxConcurrency} invocations of ${name} at once. Try again later.`;
      throw new ServiceError('TooManyRequestsException', message, 429);
    }
    const environment = startEnvironment(options);
    environments.add(environment);
    void environment.ended.then(() => environments.delete(environment));
    return environment;
  };

  return {
    maxConcurrency,
    /** @throws ServiceError `TooManyRequestsException` if `maxConcurrency` environments are busy already. */
    async invoke(event: unknown): Promise<InvocationResult> {
      idle = idle.filter(({ isAlive }) => isAlive);
      const environment = idle.pop() ?? start();
      const result = await environment.invoke(event);
      if (environment.isAlive) idle.push(environment);
      return result;
    },
    /** Ends all environments; what they run fails. */
    async close(): Promise<void> {
      isClosed = true;
      await Promise.all([...environments].map((environment) => environment.end()));
    },
  };
};
