import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionArn } from '../names.ts';
import { forkGroup } from '../processes/fork-group.ts';
import type { ProcessControl } from '../processes/process-control.ts';
import { environmentVariables } from './environment-variables.ts';
import type { FunctionDefinition, FunctionError, InvocationResult } from './function-definition.ts';
import type { EnvironmentMessage, InvocationMessage } from './messages.ts';

/** Loading the module has 10 s of its own; beyond, AWS loads it again on the invocation's time. */
const minimumInitSeconds = 10;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, of a synchronous invocation. */
const maxResponseBytes = 6_291_556;

type Ending = { kind: 'ended'; reason: string };
type Cause = 'timeout' | 'other';

const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
};

const describeExit = (code: number | null, signal: NodeJS.Signals | null): string => {
  if (signal !== null) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code ?? 'unknown'}`;
};

export type EnvironmentOptions = {
  definition: FunctionDefinition;
  /** Variables that every function gets. */
  shared: Record<string, string>;
  control: ProcessControl;
  log: (line: string) => void;
};

/**
 * One warm process that runs one invocation at a time, in a process group and a temp folder of its own. At the
 * deadline, above the memory, or when the process ends by itself, everything that it started ends with it.
 */
export class ExecutionEnvironment {
  /** Resolves when no process and no file of it is left. */
  readonly ended: Promise<void>;
  readonly #options: EnvironmentOptions;
  readonly #child: ChildProcess;
  readonly #temporaryFolder = mkdtempSync(join(tmpdir(), 'kadam-lambda-'));
  readonly #loaded: Promise<EnvironmentMessage | Ending>;
  #cause: Cause = 'other';
  #isAlive = true;
  #ending: Ending | undefined;
  #settle: ((answer: EnvironmentMessage | Ending) => void) | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { definition, shared } = options;
    const logStreamName = `${new Date().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const place = { temporaryFolder: this.#temporaryFolder, logStreamName };
    const words = [definition.file, definition.handler ?? 'handler', this.#temporaryFolder];
    const environment = environmentVariables(definition, shared, place);
    this.#child = forkGroup(new URL('bootstrap.ts', import.meta.url), { words, environment }, options.log);
    this.#child.on('message', (message: EnvironmentMessage) => this.#answer(message));
    const exited = new Promise<string>((resolve) => {
      this.#child.on('exit', (code, signal) => resolve(describeExit(code, signal)));
      this.#child.on('error', (error) => resolve(`Runtime failed to start: ${error.message}`));
    });
    this.#loaded = this.#nextAnswer(Math.max(minimumInitSeconds, definition.timeoutSeconds));
    this.#boundMemory();
    this.ended = this.#cleanUp(exited);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Runs one invocation; a failure of any kind is a result. */
  async invoke(event: unknown): Promise<InvocationResult> {
    const { name, timeoutSeconds } = this.#options.definition;
    const requestId = randomUUID();
    let answer = await this.#loaded;
    if (answer.kind === 'ready') {
      const deadline = Date.now() + timeoutSeconds * 1000;
      const answered = this.#nextAnswer(timeoutSeconds);
      const message: InvocationMessage = { requestId, event, deadline, functionArn: functionArn(name) };
      this.#boundMemory();
      // A channel that is closed by now means an exit, and that is the answer.
      if (this.isAlive) this.#child.send(message, () => {});
      answer = await answered;
      if (this.isAlive && this.#child.pid !== undefined) this.#options.control.rest(this.#child.pid);
    }
    // The next invocation gets another environment, and loads the module anew.
    if (answer.kind === 'crash') await this.end();
    return this.#toResult(requestId, answer);
  }

  /** Kills every process of it. */
  async end(): Promise<void> {
    if (this.#child.pid !== undefined) await this.#options.control.end(this.#child.pid);
    await this.ended;
  }

  #toResult(requestId: string, answer: EnvironmentMessage | Ending): InvocationResult {
    const fail = (error: FunctionError): InvocationResult => ({
      requestId,
      payload: JSON.stringify(error),
      functionError: 'Unhandled',
    });
    switch (answer.kind) {
      case 'failure':
      case 'crash':
        return fail(answer.error);
      case 'result':
        if (Buffer.byteLength(answer.payload) <= maxResponseBytes) return { requestId, payload: answer.payload };
        return fail({
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: `Response payload size exceeded maximum allowed payload size (${maxResponseBytes} bytes).`,
        });
      case 'ended':
        return fail({
          errorType: this.#cause === 'timeout' ? 'Sandbox.Timedout' : 'Runtime.ExitError',
          errorMessage: `RequestId: ${requestId} Error: ${answer.reason}`,
        });
      case 'ready':
        return fail({ errorType: 'Runtime.Unknown', errorMessage: 'The module was loaded twice.' });
    }
  }

  #answer(answer: EnvironmentMessage | Ending): void {
    this.#settle?.(answer);
    this.#settle = undefined;
  }

  /** What the process says next, or its end, which comes at the latest after `seconds`. */
  #nextAnswer(seconds: number): Promise<EnvironmentMessage | Ending> {
    if (this.#ending !== undefined) return Promise.resolve(this.#ending);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#cause = 'timeout';
        void this.end();
      }, seconds * 1000);
      this.#settle = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
    });
  }

  #boundMemory(): void {
    const { pid } = this.#child;
    const { definition, control, log } = this.#options;
    if (pid === undefined || !this.isAlive) return;
    control.watch(pid, definition.memoryMiB * 1024 * 1024, (bytes) => {
      log(`Runtime.OutOfMemory: ${Math.ceil(bytes / 1024 / 1024)} MiB in use of ${definition.memoryMiB} MiB`);
      void this.end();
    });
  }

  async #cleanUp(exited: Promise<string>): Promise<void> {
    const exit = await exited;
    this.#isAlive = false;
    if (this.#child.pid !== undefined) await this.#options.control.end(this.#child.pid);
    await rm(this.#temporaryFolder, { recursive: true, force: true });
    const { timeoutSeconds } = this.#options.definition;
    const reason = this.#cause === 'timeout' ? `Task timed out after ${timeoutSeconds.toFixed(2)} seconds` : exit;
    this.#ending = { kind: 'ended', reason };
    this.#answer(this.#ending);
  }
}
