import { residentMiB } from './process-usage.ts';

/** Milliseconds between two looks; what a decoder can take in that time overshoots the limit. */
const interval = 100;

/**
 * Calls `onExceeded` with the resident MiB when processes together take more than `limitMiB`; `pids` are asked for at
 * every look. Answers how to end the watch, and the most that was seen so far. Where there is no /proc (machines of
 * developers) nothing is watched.
 */
export const watchMemory = (
  pids: () => (number | undefined)[],
  limitMiB: number,
  onExceeded: (residentMiB: number) => void,
): { end: () => void; peakMiB: () => number } => {
  let peak = 0;
  const timer = setInterval(() => {
    const resident = pids().reduce<number>((sum, pid) => sum + ((pid && residentMiB(pid)) || 0), 0);
    peak = Math.max(peak, resident);
    if (resident > limitMiB) onExceeded(resident);
  }, interval);
  return { end: () => clearInterval(timer), peakMiB: () => peak };
};
