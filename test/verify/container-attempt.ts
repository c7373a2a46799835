import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JobFile, repository } from '../../aws/job-file.ts';
import type { Engine } from '../../deploy/images/find-engine.ts';
import { runCommand } from '../../deploy/images/run-command.ts';

/** One attempt of a Batch job: what its container is started with. */
export type Attempt = {
  job: string;
  /** MiB that the job was submitted with. */
  memoryMiB: number;
  environment: Record<string, string>;
};

/** An attempt that runs, and every line that it has written. */
export type RunningAttempt = {
  ended: Promise<{ code: number; output: string }>;
  /** Resolves once a line matches; rejects where the attempt ends before that. */
  said(pattern: RegExp): Promise<void>;
};

/** An attempt in a container. */
export type RunningContainer = RunningAttempt & {
  /** Asks it to stop as ECS does: SIGTERM, and SIGKILL after 30 seconds. Resolves when it has ended. */
  stop(): Promise<void>;
};

/** The environment that Batch gives every attempt beside the job definition's own. */
const batchEnvironment = () => ({ AWS_BATCH_JOB_ID: randomUUID(), AWS_BATCH_JOB_ATTEMPT: '1' });

/** A job definition's command with its parameters, of which a placeholder is a whole word. */
const commandOf = ({ command }: JobFile, { job, memoryMiB }: Attempt): string[] => {
  const parameters: Record<string, string> = { 'Ref::job': job, 'Ref::memoryMiB': String(memoryMiB) };
  return command.map((word) => parameters[word] ?? word);
};

const start = (
  command: string,
  args: string[],
  { environment, cwd }: { environment: Record<string, string>; cwd: string },
): RunningAttempt => {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const ended = runCommand(command, args, {
    environment,
    cwd,
    onLine(line) {
      lines.push(line);
      for (const look of waiting) look();
    },
  }).then(({ code }) => ({ code, output: lines.join('\n') }));
  return {
    ended,
    async said(pattern) {
      const { promise: found, resolve } = Promise.withResolvers<void>();
      const look = () => lines.some((line) => pattern.test(line)) && resolve();
      waiting.add(look);
      look();
      const tooEarly = ended.then(({ code, output }) => {
        throw new Error(`Expected ${pattern} but the attempt ended with ${code}: ${output.slice(-1500)}`);
      });
      await Promise.race([found, tooEarly]);
      waiting.delete(look);
    },
  };
};

/** Runs an attempt as the embedded Batch does: as a process of this machine. */
export const runProcess = (jobFile: JobFile, attempt: Attempt): RunningAttempt => {
  const [, ...words] = commandOf(jobFile, attempt);
  const environment = { ...attempt.environment, ...batchEnvironment() };
  return start(process.execPath, words, { environment, cwd: fileURLToPath(repository) });
};

/** How attempts are run in an image. `scratch` is the host's folder for the job's volume. */
export type ContainerHost = { engine: Engine; image: string; jobFile: JobFile; scratch: string };

let containers = 0;

/** The engine's words for what a job definition says of its container: its user, its root, its volumes. */
export const containerFlags = ({ jobFile, scratch }: ContainerHost): string[] => [
  '--rm',
  '--init',
  // The embedded cloud listens on 127.0.0.1.
  '--network=host',
  `--user=${jobFile.user}`,
  ...(jobFile.readonlyRootFilesystem ? ['--read-only'] : []),
  ...jobFile.mountPoints.map(({ path, readOnly }) => `--volume=${scratch}:${path}${readOnly ? ':ro' : ''}`),
];

/**
 * Runs an attempt as Batch does: a container of the image as job.yml says, but without any capability and with no way
 * to get one. `limitMiB` is the container's hard limit where it is to be another than what the job is told.
 */
export const runContainer = (host: ContainerHost, attempt: Attempt, limitMiB?: number): RunningContainer => {
  containers += 1;
  const name = `kadam-verify-${process.pid}-${containers}`;
  const environment = { ...host.jobFile.environment, ...attempt.environment, ...batchEnvironment() };
  const running = start(
    host.engine.command,
    [
      'run',
      `--name=${name}`,
      ...containerFlags(host),
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      ...(limitMiB === undefined ? [] : [`--memory=${limitMiB}m`, `--memory-swap=${limitMiB}m`]),
      // Named without values: these come from the engine's own environment, and no process list shows them.
      ...Object.keys(environment).map((variable) => `--env=${variable}`),
      host.image,
      ...commandOf(host.jobFile, attempt),
    ],
    // Podman's monitor leaves a file `oom` where it was started when the kernel has killed something.
    { environment, cwd: dirname(host.scratch) },
  );
  return {
    ...running,
    async stop() {
      await runCommand(host.engine.command, ['stop', '--time=30', name]);
      await running.ended;
    },
  };
};
