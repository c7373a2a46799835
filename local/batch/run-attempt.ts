import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { signal } from '../../core/render/signal.ts';
import { forkGroup } from '../processes/fork-group.ts';
import type { ProcessControl } from '../processes/process-control.ts';

/** What the runner (run-job.ts) is told, and what it tells. */
export type JobMessage = {
  command: string[];
  environment: Record<string, string>;
  workingDirectory: string;
  /** Made for the attempt, given to it as TMPDIR, and removed after it. */
  temporaryDirectory: string;
};
export type RunnerMessage = { pid: number } | { cannotStart: string };

export type AttemptOptions = JobMessage & {
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

// A timer of Node that is to wait longer fires at once.
const maxTimerMilliseconds = 2 ** 31 - 1;

/** Starts one attempt of a job as child processes. */
export const runAttempt = (options: AttemptOptions): RunningAttempt => {
  const { command, environment, workingDirectory, temporaryDirectory, timeoutSeconds, control } = options;
  mkdirSync(temporaryDirectory, { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  let pid: number | undefined;
  let stopCause: StopCause | undefined;
  let cannotStart: string | undefined;
  let isOutOfMemory = false;
  let isKilled = false;
  const timers: NodeJS.Timeout[] = [];
  const after = (seconds: number, action: () => void) =>
    timers.push(setTimeout(action, Math.min(seconds * 1000, maxTimerMilliseconds)));

  const log = createWriteStream(options.logFile);
  const child = forkGroup(new URL('run-job.ts', import.meta.url), {}, (line) => {
    log.write(`${line}\n`);
    options.onLine(line);
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
  const timeOut = () => stop({ statusReason: 'Job attempt duration exceeded timeout', mayRetry: false });

  child.on('message', (told: RunnerMessage) => {
    if ('cannotStart' in told) {
      cannotStart = told.cannotStart;
      return;
    }
    pid = told.pid;
    options.onStarted();
    if (isKilled) kill();
    else if (stopCause) terminate();
    if (timeoutSeconds !== undefined) after(timeoutSeconds, timeOut);
    control.watch(pid, options.memoryMiB * 1024 ** 2, () => {
      isOutOfMemory = true;
      kill();
    });
  });
  const message: JobMessage = { command, environment, workingDirectory, temporaryDirectory };
  child.send(message);

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
    if (pid !== undefined) void control.end(pid);
  });
  child.once('close', async (code) => {
    for (const timer of timers) clearTimeout(timer);
    log.end();
    await finished(log).catch((error) => options.onLine(`The log could not be written: ${error.message}`));
    rmSync(temporaryDirectory, { recursive: true, force: true });
    // Without a code the runner was killed itself.
    resolve(end(code ?? 137));
  });
  return { stop, kill, ended };
};
