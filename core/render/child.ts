import type { RenderJob } from './render-job.ts';
import { type RenderMessage, toFailure } from './render-messages.ts';
import { renderPlan } from './render-plan.ts';
import type { ProgramUsage } from './start-program.ts';

// The rendering process: takes one job from its parent and answers with its stages, then with files or a failure. The
// parent ends it after that, as it does at a limit.

// Not process.exit, which waits for the threads that decode and encode.
const vanish = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const send = (message: RenderMessage): void => {
  // A channel that no longer takes messages has no parent at its other end.
  process.send?.(message, (error: Error | null) => error && vanish());
};

/** Programs of containers are the parent's to run: it can end them, and what a stranger's file may take over cannot. */
const runProgram = (stage: string): Promise<ProgramUsage> =>
  new Promise((resolve) => {
    process.once('message', resolve);
    send({ kind: 'program', stage });
  });

const render = async (job: RenderJob): Promise<void> => {
  try {
    send({ kind: 'done', result: await renderPlan(job, (stage) => send({ kind: 'stage', stage }), runProgram) });
  } catch (error) {
    send({ kind: 'failed', failure: toFailure(error) });
  }
};

// It never outlives its parent: the channel closes with it, however it ended.
process.once('disconnect', vanish);
// What is sent to the whole group (Ctrl-C, a container's stop) is the parent's to answer.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

process.once('message', render);
