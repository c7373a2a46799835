import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionArn } from '../names.ts';
import { forkGroup } from '../processes/fork-group.ts';
import type { ProcessControl } from '../processes/process-control.ts';
import { environmentVariables } from './environment-variables.ts';
import type { FunctionDefinition, InvocationResult } from './function-definition.ts';
import type { EnvironmentMessage, InvocationMessage } from './messages.ts';

/** Loading the module has 10 s of its own; beyond, AWS loads it again on the invocation's time. */
const minimumInitSeconds = 10;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, of a synchronous invocation. */
const maxResponseBytes = 6_291_556;

export type EnvironmentOptions = {
  definition: FunctionDefinition;
  /** Variables that every function gets. */
  shared: Record<string, string>;
  control: ProcessControl;
  log: (line: string) => void;
};

/** What the process says, or that it has ended, and everything that it started with it. */
type Answer = EnvironmentMessage | { kind: 'ended'; errorType: string; reason: string };

export type ExecutionEnvironment = ReturnType<typeof startEnvironment>;

/**
 * Starts a warm process that runs one invocation at a time, in a process group and a temp folder of its own. At the
 * deadline, above the memory, or when the process ends by itself, everything that it started ends with it.
 */
export const startEnvironment = ({ definition, shared, control, log }: EnvironmentOptions) => {
  const { name, file, handler = 'handler', timeoutSeconds, memoryMiB } = definition;
  const temporaryFolder = mkdtempSync(join(shared.TMPDIR ?? tmpdir(), 'kadam-lambda-'));
  const environment = environmentVariables(definition, shared, temporaryFolder);
  const words = [file, handler, temporaryFolder];
  const child = forkGroup(new URL('bootstrap.ts', import.meta.url), { words, environment }, log);
  const { pid } = child;
  let isAlive = true;
  let hasTimedOut = false;
  let settle = (_: Answer): void => {};

  const exited = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(describeExit(code, signal)));
    child.on('error', (error) => resolve(`Runtime failed to start: ${error.message}`));
  });
  const ended = exited.then(async (exit): Promise<Answer> => {
    isAlive = false;
    if (pid !== undefined) await control.end(pid);
    await rm(temporaryFolder, { recursive: true, force: true });
    if (!hasTimedOut) return { kind: 'ended', errorType: 'Runtime.ExitError', reason: exit };
    const reason = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
    return { kind: 'ended', errorType: 'Sandbox.Timedout', reason };
  });
  child.on('message', (message: EnvironmentMessage) => settle(message));
  void ended.then((ending) => settle(ending));

  const end = async (): Promise<void> => {
    if (pid !== undefined) await control.end(pid);
    await ended;
  };

  /** What the process says next, or its end, which comes at the latest after `seconds`. */
  const nextAnswer = async (seconds: number): Promise<Answer> => {
    if (!isAlive) return ended;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    settle = resolve;
    const timer = setTimeout(() => {
      hasTimedOut = true;
      void end();
    }, seconds * 1000);
    const answer = await promise;
    clearTimeout(timer);
    return answer;
  };

  const boundMemory = (): void => {
    if (pid === undefined || !isAlive) return;
    control.watch(pid, memoryMiB * 1024 ** 2, (bytes) => {
      log(`Runtime.OutOfMemory: ${Math.ceil(bytes / 1024 ** 2)} MiB in use of ${memoryMiB} MiB`);
      void end();
    });
  };

  boundMemory();
  const loaded = nextAnswer(Math.max(minimumInitSeconds, timeoutSeconds));
  return {
    get isAlive(): boolean {
      return isAlive;
    },
    /** Resolves when no process and no file of it is left. */
    ended,
    /** Runs one invocation; a failure of any kind is a result. */
    async invoke(event: unknown): Promise<InvocationResult> {
      const requestId = randomUUID();
      let answer = await loaded;
      if (answer.kind === 'ready') {
        const deadline = Date.now() + timeoutSeconds * 1000;
        const answered = nextAnswer(timeoutSeconds);
        const message: InvocationMessage = { requestId, event, deadline, functionArn: functionArn(name) };
        boundMemory();
        // A channel that is closed by now means an exit, and that is the answer.
        if (isAlive) child.send(message, () => {});
        answer = await answered;
        if (isAlive && pid !== undefined) control.rest(pid);
      }
      // The next invocation gets another environment, and loads the module anew.
      if (answer.kind === 'crash') await end();
      return toResult(requestId, answer);
    },
    /** Kills every process of it. */
    end,
  };
};

const describeExit = (code: number | null, signal: NodeJS.Signals | null): string => {
  if (signal !== null) return `Runtime exited with error: signal: ${signal === 'SIGKILL' ? 'killed' : signal}`;
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
};

const toResult = (requestId: string, answer: Answer): InvocationResult => {
  if (answer.kind === 'result' && Buffer.byteLength(answer.payload) <= maxResponseBytes) {
    return { requestId, payload: answer.payload };
  }
  return { requestId, payload: JSON.stringify(errorOf(requestId, answer)), functionError: 'Unhandled' };
};

const errorOf = (requestId: string, answer: Answer) => {
  if (answer.kind === 'failure' || answer.kind === 'crash') return answer.error;
  if (answer.kind === 'ended') {
    return { errorType: answer.errorType, errorMessage: `RequestId: ${requestId} Error: ${answer.reason}` };
  }
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxResponseBytes} bytes).`;
  return { errorType: 'Function.ResponseSizeTooLarge', errorMessage };
};
