import { readFileSync } from 'node:fs';

/** The fields of /proc/<pid>/stat from the third on; undefined where it has ended, and where there is no /proc. */
export const statOf = (pid: number): string[] | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};

const canBeSignalled = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** On Linux not a zombie either, which it stays where the first process of a container adopts no orphans. */
export const isRunning = (pid: number): boolean =>
  process.platform === 'linux' ? !['Z', 'X', undefined].includes(statOf(pid)?.[0]) : canBeSignalled(pid);
