import { fork } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { ProcessControl } from '../processes/process-control.ts';

export type AttemptOptions = {
  command: string[];
  environment: Record<string, string>;
  workingDirectory: string;
  /** Made for the attempt, given to it as TMPDIR, and removed after it. */
  temporaryDirectory: string;
  logFile: string;
  memoryMiB: number;
  timeoutSeconds?: number;
  /** Seconds between SIGTERM and SIGKILL (30 on AWS). */
  stopGraceSeconds: number;
  control: ProcessControl;
  onStarted(): void;
  onLine(line: string): void;
};

export type AttemptEnd = {
  exitCode?: number;
  reason?: string;
  statusReason: string;
  outcome: 'succeeded' | 'failed' | 'failed for good';
};

/** Why an attempt is stopped from outside, and whether the retry rules may start another one. */
export type StopCause = { statusReason: string; mayRetry: boolean };

export type RunningAttempt = {
  /** Asks the job to end (SIGTERM to its first process, as Docker does) and kills its whole group after the grace. */
  stop(cause: StopCause): void;
  /** Kills the whole group at once. */
  kill(): void;
  /** Resolves when every process of the attempt has ended and its files are closed or removed; never rejects. */
  ended: Promise<AttemptEnd>;
};

const runner = fileURLToPath(new URL('./run-job.ts', import.meta.url));
const runnerMessage = z.union([z.strictObject({ pid: z.number() }), z.strictObject({ cannotStart: z.string() })]);

// A timer of Node that is to wait longer fires at once.
const maxTimerMilliseconds = 2 ** 31 - 1;

/** Starts one attempt of a job as child processes. */
export function runAttempt(options: AttemptOptions): RunningAttempt {
  mkdirSync(options.temporaryDirectory, { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  let pid: number | undefined;
  let stopCause: StopCause | undefined;
  let cannotStart: string | undefined;
  let isOutOfMemory = false;
  let isKilled = false;
  const timers: NodeJS.Timeout[] = [];
  const after = (seconds: number, action: () => void) =>
    timers.push(setTimeout(action, Math.min(seconds * 1000, maxTimerMilliseconds)));

  const child = fork(runner, {
    detached: true,
    execArgv: [],
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });

  // Until the runner has told the job's process id nothing can be signalled; what came before is made up for then.
  const kill = () => {
    isKilled = true;
    if (pid !== undefined) signal(-pid, 'SIGKILL');
  };
  const terminate = () => {
    if (pid === undefined) return;
    signal(pid, 'SIGTERM');
    after(options.stopGraceSeconds, kill);
  };
  const stop = (cause: StopCause) => {
    if (stopCause) return;
    stopCause = cause;
    terminate();
  };

  child.on('message', (message) => {
    const told = runnerMessage.parse(message);
    if ('cannotStart' in told) {
      cannotStart = told.cannotStart;
      return;
    }
    pid = told.pid;
    const group = told.pid;
    options.onStarted();
    if (isKilled) kill();
    else if (stopCause) terminate();
    if (options.timeoutSeconds !== undefined) {
      after(options.timeoutSeconds, () =>
        stop({ statusReason: 'Job attempt duration exceeded timeout', mayRetry: false }),
      );
    }
    options.control.watch(group, options.memoryMiB * 1024 ** 2, () => {
      isOutOfMemory = true;
      kill();
    });
  });
  child.send({
    command: options.command,
    environment: options.environment,
    workingDirectory: options.workingDirectory,
    temporaryDirectory: options.temporaryDirectory,
  });

  const log = createWriteStream(options.logFile);
  for (const output of [child.stdout, child.stderr]) {
    if (!output) continue;
    createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      log.write(`${line}\n`);
      options.onLine(line);
    });
  }

  const end = (exitCode: number): AttemptEnd => {
    const essential = 'Essential container in task exited';
    if (isOutOfMemory) {
      const reason = 'OutOfMemoryError: Container killed due to memory usage';
      return { exitCode, reason, statusReason: essential, outcome: 'failed' };
    }
    if (stopCause) {
      const outcome = stopCause.mayRetry ? 'failed' : 'failed for good';
      return { exitCode, statusReason: stopCause.statusReason, outcome };
    }
    if (cannotStart !== undefined) {
      const reason = `CannotStartContainerError: ${cannotStart}`;
      return { reason, statusReason: 'Task failed to start', outcome: 'failed' };
    }
    return { exitCode, statusReason: essential, outcome: exitCode === 0 ? 'succeeded' : 'failed' };
  };

  const { promise: ended, resolve } = Promise.withResolvers<AttemptEnd>();
  child.on('error', (error) => {
    cannotStart = error.message;
  });
  child.once('exit', () => {
    // The runner has done this already, unless it was killed itself.
    if (pid !== undefined) void options.control.end(pid);
  });
  child.once('close', async (code, signalName) => {
    for (const timer of timers) clearTimeout(timer);
    log.end();
    await finished(log).catch((error) => options.onLine(`The log could not be written: ${error.message}`));
    rmSync(options.temporaryDirectory, { recursive: true, force: true });
    resolve(end(code ?? 128 + constants.signals[signalName ?? 'SIGKILL']));
  });
  return { stop, kill, ended };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended in the meantime, which is what the signal was for.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
