import { type ChildProcess, spawn } from 'node:child_process';
import { InternalError } from '../errors.ts';
import { type ContainerStep, programStep } from '../predict/container-step.ts';
import type { Stage } from '../predict/plan.ts';
import { childEnvironment } from './child-environment.ts';
import { cpuSeconds } from './process-usage.ts';
import { explainProgramEnd, programNotStarted } from './program-ending.ts';
import type { RenderJob } from './render-job.ts';
import { stagePath, stageSource } from './stage-files.ts';

/** What a program used: CPU seconds of all its threads, to a tenth of a second; 0 where there is no /proc. */
export type ProgramUsage = { cpuSeconds: number };

/** A container's program at work. */
export type RunningProgram = {
  pid: number | undefined;
  /** Kills it, and what it started. */
  kill(): void;
  /** Resolves when it has ended well; rejected with a KadamError for any other end. */
  ended: Promise<ProgramUsage>;
};

/** The stage of this id that a program takes. Throws InternalError: the asking renderer may be in a stranger's hands. */
const programStage = (job: RenderJob, stageId: string): { stage: Stage; step: ContainerStep } => {
  const stage = job.plan.stages.find(({ id }) => id === stageId);
  const step = stage && programStep(stage.steps);
  if (stage !== undefined && step !== undefined) return { stage, step };
  throw new InternalError(
    `Expected a stage of the plan that a program takes but the renderer asked for '${stageId}'. Report this.`,
    { code: 'UnexpectedProgram' },
  );
};

const stderrTail = 2000;
/** Milliseconds between two looks at the CPU time: it is gone with the process. */
const usageInterval = 100;

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined || process.platform === 'win32') {
    child.kill('SIGKILL');
    return;
  }
  try {
    // A group of its own, with whatever it has started.
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // Nothing of it is left, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

/**
 * Starts the program of a stage: `<command> INPUT OUTPUT '<options as JSON>'` in the folder that holds containers/, in a
 * process group of its own, without this process's credentials. KADAM_THREADS says how many threads it may use. `node`
 * as the first word of the command is the Node that runs Kadam.
 */
export const startProgram = (job: RenderJob, stageId: string): RunningProgram => {
  const { stage, step } = programStage(job, stageId);
  const { containerFilter: filter, options } = step;
  const [program = '', ...words] = filter.command;
  const files = [stageSource(job, stage).path, stagePath(job, stage.id)];
  const child = spawn(program === 'node' ? process.execPath : program, [...words, ...files, JSON.stringify(options)], {
    cwd: filter.folder,
    env: { ...childEnvironment(), KADAM_THREADS: String(filter.cost.threads) },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });

  let usage: ProgramUsage = { cpuSeconds: 0 };
  const timer = setInterval(() => {
    const seconds = child.pid === undefined ? undefined : cpuSeconds(child.pid);
    if (seconds !== undefined) usage = { cpuSeconds: seconds };
  }, usageInterval);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrTail);
  });
  const ended = new Promise<ProgramUsage>((resolve, reject) => {
    child.on('error', (cause) => {
      clearInterval(timer);
      reject(programNotStarted(filter, cause));
    });
    child.on('close', (code, signal) => {
      clearInterval(timer);
      if (code === 0) resolve(usage);
      else reject(explainProgramEnd(filter, { code, signal, stderr }));
    });
  });
  return { pid: child.pid, kill: () => killGroup(child), ended };
};
