import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Where a command runs, what it finds in its environment besides this process's, and how many files it may open. */
export type CliSurroundings = { cwd?: string; environment?: Record<string, string>; openFiles?: number };

/** Starts one of the commands in cli/ as `npm run` does. */
export const startCli = (
  command: string,
  words: string[],
  { cwd, environment, openFiles }: CliSurroundings = {},
): ChildProcess => {
  const line = [process.execPath, join(repository, 'bin/kadam.mjs'), join(repository, `cli/${command}.ts`), ...words];
  // Only a shell's ulimit lowers the limit for one process.
  const limited = openFiles === undefined ? [] : ['/bin/sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh'];
  const [program = '', ...rest] = [...limited, ...line];
  return spawn(program, rest, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
};

/** Collects what a process writes on one stream, and resolves when `mark` was in it. */
export const outputOf = (child: ChildProcess, stream: 'stdout' | 'stderr') => {
  const seen = { text: '' };
  child[stream]?.setEncoding('utf8').on('data', (text: string) => {
    seen.text += text;
  });
  const until = async (mark: RegExp) => {
    while (!mark.test(seen.text)) await once(child[stream] ?? child, 'data');
  };
  return { seen, until };
};

/** Runs a command to its end. */
export const runCli = async (command: string, words: string[], surroundings: CliSurroundings = {}) => {
  const child = startCli(command, words, surroundings);
  const stdout = outputOf(child, 'stdout');
  const stderr = outputOf(child, 'stderr');
  const [code] = await once(child, 'close');
  return { code: Number(code), stdout: stdout.seen.text, stderr: stderr.seen.text };
};
