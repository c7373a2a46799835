import { readFileSync } from 'node:fs';

/** Milliseconds between two looks; what a decoder can take in that time overshoots the limit. */
const interval = 100;

/** Resident MiB of a process, or undefined where it has ended. From Linux' /proc/<pid>/status, which counts in KiB. */
const residentMiB = (pid: number): number | undefined => {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    // No such process any more.
    return undefined;
  }
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
};

/**
 * Calls `onExceeded` with the resident MiB when a process takes more than `limitMiB`. Answers a function that ends the
 * watch. Where there is no /proc (macOS, Windows: machines of developers) nothing is watched.
 */
export const watchMemory = (pid: number, limitMiB: number, onExceeded: (residentMiB: number) => void): (() => void) => {
  const timer = setInterval(() => {
    const resident = residentMiB(pid);
    if (resident !== undefined && resident > limitMiB) onExceeded(resident);
  }, interval);
  return () => clearInterval(timer);
};
