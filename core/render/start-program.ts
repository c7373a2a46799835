import { type ChildProcess, fork } from 'node:child_process';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { InternalError } from '../errors.ts';
import type { ContainerFilter } from '../filters/container-filter.ts';
import { type ContainerStep, programStep } from '../predict/container-step.ts';
import type { Stage } from '../predict/plan.ts';
import { childEnvironment } from './child-environment.ts';
import { groupMembers, groupMiB } from './process-usage.ts';
import { explainProgramEnd, programNotStarted } from './program-ending.ts';
import type { RenderJob } from './render-job.ts';
import { signal } from './signal.ts';
import { stagePath, stageSource } from './stage-files.ts';

/** What a program used: CPU seconds of it and of what it waited for, to 1/100 s; 0 where there is no /proc. */
export type ProgramUsage = { cpuSeconds: number };

/** What its guardian (guard-program.ts) tells of a program, once. */
export type GuardMessage =
  | { kind: 'notStarted'; message: string }
  | { kind: 'ended'; code: number | null; signal: NodeJS.Signals | null; cpuSeconds: number };

/** A container's program at work. */
export type RunningProgram = {
  /** Kills it, and what it started; but not what left its session (setsid), which nobody can find. */
  kill(): void;
  /** What it holds now, together with what it started; 0 where there is no /proc. */
  memoryMiB(): number;
  /**
   * Resolves when it has ended well, and nothing that it started can still write; rejected with a KadamError for any
   * other end.
   */
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
/** Milliseconds that what was killed gets to be gone, and its last words to arrive. */
const afterlife = 1000;
/** Milliseconds between two looks at whether it has gone: the kernel tells its parent only, which may be dead. */
const goneInterval = 5;

/** Kills the group that a guardian leads, and with it the guardian. */
const killGroup = (guardian: ChildProcess): void => {
  if (guardian.pid === undefined) return;
  signal(-guardian.pid, 'SIGKILL');
  // Where there are no groups, the guardian kills the program when it hears nothing from here any more.
  if (process.platform === 'win32' && guardian.connected) guardian.disconnect();
};

/** Resolves when what was killed no longer runs. What a helper in a session of its own keeps open is given up. */
const gone = async (guardian: ChildProcess): Promise<void> => {
  const late = AbortSignal.timeout(afterlife);
  const { pid, stderr } = guardian;
  while (pid !== undefined && !late.aborted && groupMembers(pid).length > 0) await delay(goneInterval);
  if (stderr === null) return;
  await finished(stderr, { signal: late }).catch(() => stderr.destroy());
};

/** Why a guardian's program did not end well, or what it used; without a report the guardian itself was killed. */
const outcome = (
  filter: ContainerFilter,
  report: GuardMessage | undefined,
  guardian: ChildProcess,
  stderr: string,
): ProgramUsage => {
  if (report?.kind === 'notStarted') throw programNotStarted(filter, report.message);
  if (report?.code === 0) return { cpuSeconds: report.cpuSeconds };
  const { code, signal: name } = report ?? { code: guardian.exitCode, signal: guardian.signalCode };
  throw explainProgramEnd(filter, { code, signal: name, stderr });
};

/**
 * Starts the program of a stage: `<command> INPUT OUTPUT '<options as JSON>'` in the folder that holds containers/, in a
 * process group of its own, with an environment of its own. KADAM_THREADS says how many threads it may use. `node` as
 * the first word of the command is the Node that runs Kadam. It ends with this process, however that ends.
 */
export const startProgram = (job: RenderJob, stageId: string): RunningProgram => {
  const { stage, step } = programStage(job, stageId);
  const { containerFilter: filter, options } = step;
  const [program = '', ...words] = filter.command;
  const files = [stageSource(job, stage).path, stagePath(job, stage.id)];
  const guardian = fork(
    new URL('./guard-program.ts', import.meta.url),
    [program === 'node' ? process.execPath : program, ...words, ...files, JSON.stringify(options)],
    {
      cwd: filter.folder,
      env: { ...childEnvironment(), KADAM_THREADS: String(filter.cost.threads) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    },
  );

  let stderr = '';
  guardian.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrTail);
  });
  let report: GuardMessage | undefined;
  guardian.on('message', (message: GuardMessage) => {
    report ??= message;
    // Whatever the program has left behind could go on writing its file.
    killGroup(guardian);
  });
  const ended = new Promise<ProgramUsage>((resolve, reject) => {
    guardian.once('error', ({ message }) => reject(programNotStarted(filter, message)));
    guardian.once('exit', async () => {
      killGroup(guardian);
      await gone(guardian);
      try {
        resolve(outcome(filter, report, guardian, stderr));
      } catch (error) {
        reject(error);
      }
    });
  });
  return {
    kill: () => killGroup(guardian),
    memoryMiB: () => (guardian.pid === undefined ? 0 : groupMiB(guardian.pid)),
    ended,
  };
};
