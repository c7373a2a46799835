import { type ChildProcess, fork } from 'node:child_process';
import * as z from 'zod';
import { InternalError } from '../errors.ts';
import { explainSilentEnd, outOfMemory, outOfTime } from './child-ending.ts';
import { childEnvironment } from './child-environment.ts';
import { residentMiB } from './process-usage.ts';
import type { MeasuredStage, RenderJob, RenderResult } from './render-job.ts';
import { type RenderMessage, renderMessage, toError } from './render-messages.ts';
import { stagePath } from './stage-files.ts';
import { type RunningProgram, startProgram } from './start-program.ts';
import { watchMemory } from './watch-memory.ts';

export type RenderLimits = {
  /** Seconds until the renderer is killed. */
  timeoutSeconds: number;
  /** Resident MiB of the rendering process, and what the program that it waits for holds. */
  memoryMiB: number;
  /** Aborting kills the renderer; the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Hears of each stage as it ends. */
  onStage?: (stage: MeasuredStage) => void;
  /** The rendering process's entry, where it is not child.ts beside this file (child.mjs beside a bundle). */
  childPath?: URL;
};

/** The longest time that a timer of Node's can wait. */
const longestTimeout = 2 ** 31 - 1;

/** In the repository child.ts; a bundle has the child's own bundle beside it. */
const defaultChild = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.mjs', import.meta.url);

const stderrTail = 2000;

/** Outputs exactly as the plan has them: a renderer that a file has taken over must not name files of its choice. */
const checkedResult = (job: RenderJob, result: RenderResult): RenderResult => {
  const expected = job.plan.stages.filter(({ target }) => target.kind === 'output').map(({ id }) => stagePath(job, id));
  const received = result.outputs.map(({ path }) => path);
  if (expected.join('\0') === received.join('\0')) return result;
  throw new InternalError(
    `Expected the files ${expected.join(', ')} from the renderer but received ${received.join(', ')}. Report this.`,
    { code: 'UnexpectedOutputs' },
  );
};

const parsedMessage = (message: unknown): RenderMessage => {
  const parsed = renderMessage.safeParse(message);
  if (parsed.success) return parsed.data;
  throw new InternalError(
    `Expected a message of the renderer's own but received another: ${z.prettifyError(parsed.error)}. Report this.`,
    { code: 'UnexpectedMessage', cause: parsed.error },
  );
};

const secondProgram = (stageId: string): InternalError =>
  new InternalError(
    `Expected the renderer to wait for one program but it asked for that of ${stageId} meanwhile. Report this.`,
    { code: 'UnexpectedProgram' },
  );

/** Resolves with whatever `child` ended for: its result, or the error that it is to be rejected with. */
const outcomeOf = (child: ChildProcess, job: RenderJob, limits: RenderLimits): Promise<RenderResult> =>
  new Promise((resolve, reject) => {
    let settle: (() => void) | undefined;
    let program: RunningProgram | undefined;
    // The first reason counts; the promise waits until the processes are really gone, and their files with them at rest.
    const end = (outcome: () => void) => {
      settle ??= outcome;
      child.kill('SIGKILL');
      program?.kill();
    };
    const fail = (error: unknown) => end(() => reject(error));
    const run = async (stageId: string): Promise<void> => {
      if (program !== undefined) throw secondProgram(stageId);
      program = startProgram(job, stageId);
      const usage = await program.ended;
      program = undefined;
      // Where the renderer has ended meanwhile, 'close' says why.
      child.send(usage, () => {});
    };
    const receive = (message: RenderMessage) => {
      if (settle !== undefined) return undefined;
      if (message.kind === 'stage') return limits.onStage?.(message.stage);
      if (message.kind === 'failed') throw toError(message.failure);
      if (message.kind === 'program') return void run(message.stage).catch(fail);
      const result = checkedResult(job, message.result);
      end(() => resolve({ ...result, peakMemoryMiB: Math.max(result.peakMemoryMiB, memory.peakMiB()) }));
    };

    const timer = setTimeout(
      () => fail(outOfTime(limits.timeoutSeconds)),
      Math.min(limits.timeoutSeconds * 1000, longestTimeout),
    );
    const memory = watchMemory(
      () => ((child.pid && residentMiB(child.pid)) || 0) + (program?.memoryMiB() ?? 0),
      limits.memoryMiB,
      (taken) =>
        fail(
          outOfMemory(`Expected at most ${limits.memoryMiB.toFixed(0)} MiB but the renderer took ${taken.toFixed(0)}.`),
        ),
    );
    const abort = () => fail(limits.signal?.reason);
    limits.signal?.addEventListener('abort', abort);

    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-stderrTail);
    });
    child.on('message', (message) => {
      try {
        receive(parsedMessage(message));
      } catch (error) {
        fail(error);
      }
    });
    // A process that could not be started, or that was gone before the job reached it.
    child.on('error', (cause) => {
      settle ??= () =>
        reject(
          new InternalError(`Expected the renderer to start but: ${cause.message}.`, {
            code: 'RendererNotStarted',
            cause,
          }),
        );
    });
    child.on('close', async (code, signal) => {
      clearTimeout(timer);
      memory.end();
      limits.signal?.removeEventListener('abort', abort);
      // Before the program is killed, which says less: it ends for the renderer's end.
      settle ??= () => reject(explainSilentEnd({ code, signal, stderr }));
      program?.kill();
      await program?.ended.catch(() => {});
      settle();
    });
    child.send(job, (error) => {
      // The process has ended already, which 'close' explains better than a broken channel.
      if (error) child.kill('SIGKILL');
    });
  });

/**
 * Runs a plan in a process of its own, which is killed at the time limit, above its memory and on abort, and which
 * ends with this one, however that ends. This one's credentials are not in its environment (child-environment.ts).
 *
 * Throws InvalidInputError (`CorruptImage`, `DecoderCrashed`), CapacityError (`OutOfTime`, `OutOfMemory`, `OutOfDisk`),
 * InternalError, or the signal's reason. Files of a failed run stay in the job's folder, which is the caller's.
 */
export const renderInChild = async (job: RenderJob, limits: RenderLimits): Promise<RenderResult> => {
  limits.signal?.throwIfAborted();
  const child = fork(limits.childPath ?? defaultChild, {
    env: childEnvironment(),
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return outcomeOf(child, job, limits);
};
