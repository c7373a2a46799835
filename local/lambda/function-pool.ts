import { ServiceError } from '../json-protocol.ts';
import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts';
import { defaultMaxConcurrency, type FunctionDefinition, type InvocationResult } from './function-definition.ts';

/** The execution environments of one function: warm ones are reused, more are started on demand up to its limit. */
export class FunctionPool {
  readonly definition: FunctionDefinition;
  readonly maxConcurrency: number;
  readonly #options: EnvironmentOptions;
  readonly #environments = new Set<ExecutionEnvironment>();
  /** The most recently used last. */
  #idle: ExecutionEnvironment[] = [];
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.definition = options.definition;
    this.maxConcurrency = options.definition.maxConcurrency ?? defaultMaxConcurrency;
  }

  #hasRoom(): boolean {
    // One that has died while idle makes room itself, as soon as it is cleared away.
    this.#idle = this.#idle.filter((environment) => environment.isAlive);
    return !this.#isClosed && (this.#idle.length > 0 || this.#environments.size < this.maxConcurrency);
  }

  /** @throws ServiceError `TooManyRequestsException` if `maxConcurrency` invocations run already. */
  async invoke(event: unknown): Promise<InvocationResult> {
    if (!this.#hasRoom()) {
      const message = `Expected at most ${this.maxConcurrency} invocations of ${this.definition.name} at once. Try again later.`;
      throw new ServiceError('TooManyRequestsException', message, 429);
    }
    const environment = this.#idle.pop() ?? this.#start();
    const result = await environment.invoke(event);
    if (environment.isAlive) this.#idle.push(environment);
    this.#wakeWaiting();
    return result;
  }

  /** Resolves when an invocation would find room, or when the pool is closed. */
  async untilRoom(): Promise<void> {
    while (!this.#hasRoom() && !this.#isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Ends all environments; what they run fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#environments].map((environment) => environment.end()));
    this.#wakeWaiting();
  }

  #start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#options);
    this.#environments.add(environment);
    void environment.ended.then(() => {
      this.#environments.delete(environment);
      this.#wakeWaiting();
    });
    return environment;
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
