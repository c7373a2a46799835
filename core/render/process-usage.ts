import { readdirSync, readFileSync } from 'node:fs';

/** A file of /proc, or undefined where the process has ended, and where there is no /proc (macOS, Windows). */
const readProc = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
};

/** The sum of these lines of a /proc/<pid>/status, in MiB; a zombie has none of them. */
const statusMiB = (status: string, lines: RegExp): number =>
  [...status.matchAll(lines)].reduce((sum, [, kibibytes]) => sum + Number(kibibytes), 0) / 1024;

/** Resident MiB of a process, or undefined where nobody can tell. From /proc/<pid>/status, which counts in KiB. */
export const residentMiB = (pid: number): number | undefined => {
  const status = readProc(pid, 'status');
  return status === undefined ? undefined : statusMiB(status, /^VmRSS:\s+(\d+) kB$/gm);
};

/** The fields of /proc/<pid>/stat from the third on (man 5 proc); the program's name before them may hold anything. */
const statFields = (pid: number): string[] | undefined => {
  const stat = readProc(pid, 'stat');
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
};

const processIds = (): number[] => {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
};

/** The processes of a group that still run (a zombie does not); none where there is no /proc. */
export const groupMembers = (group: number): number[] =>
  processIds().filter((pid) => {
    const [state = '', , ofGroup] = statFields(pid) ?? [];
    return Number(ofGroup) === group && !['Z', 'X'].includes(state);
  });

/**
 * MiB that a group of processes holds and that the system could not take back: files that they have mapped (their
 * programs, a picture) do not count.
 */
export const groupMiB = (group: number): number =>
  groupMembers(group).reduce(
    (sum, pid) => sum + statusMiB(readProc(pid, 'status') ?? '', /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm),
    0,
  );

/** Parts of a second that /proc counts CPU time in, on every architecture (man 5 proc, USER_HZ). */
const ticksPerSecond = 100;

/**
 * CPU seconds of a process's children that have ended, of all their threads and of their own children likewise: the
 * fields cutime and cstime. Undefined where there is no /proc.
 */
export const cpuSecondsOfChildren = (pid: number): number | undefined => {
  const ticks = statFields(pid)?.slice(13, 15).map(Number);
  return ticks && ticks.reduce((sum, part) => sum + part, 0) / ticksPerSecond;
};
