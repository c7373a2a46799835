import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Forks a module in a process group of its own, with these environment variables and no others. `onLine` hears of
 * every line that anything in the group prints. The module notices by its IPC channel when Kadam dies.
 */
export const forkGroup = (
  module: URL,
  { words = [], environment = {} }: { words?: string[]; environment?: Record<string, string> },
  onLine: (line: string) => void,
): ChildProcess => {
  const child = fork(fileURLToPath(module), words, {
    detached: true,
    env: environment,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const output of [child.stdout, child.stderr]) {
    if (output) createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
  }
  return child;
};
