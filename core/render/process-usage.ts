import { readFileSync } from 'node:fs';

/** A file of /proc, or undefined where the process has ended, and where there is no /proc (macOS, Windows). */
const readProc = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
};

/** Resident MiB of a process, or undefined where nobody can tell. From /proc/<pid>/status, which counts in KiB. */
export const residentMiB = (pid: number): number | undefined => {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
};

/** Parts of a second that /proc counts CPU time in, on every architecture (man 5 proc, USER_HZ). */
const ticksPerSecond = 100;

/**
 * CPU seconds that a process has used so far, of all its threads and of its children that have ended. From the fields
 * utime, stime, cutime and cstime of /proc/<pid>/stat; the program's name before them may hold anything.
 */
export const cpuSeconds = (pid: number): number | undefined => {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return ticks.reduce((sum, part) => sum + part, 0) / ticksPerSecond;
};
