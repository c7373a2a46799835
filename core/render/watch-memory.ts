/** Milliseconds between two looks; what a decoder can take in that time overshoots the limit. */
const interval = 100;

/**
 * Calls `onExceeded` with what `takenMiB` answers where that is more than `limitMiB`. Answers how to end the watch, and
 * the most that was seen so far. Where there is no /proc (machines of developers) nothing is seen.
 */
export const watchMemory = (
  takenMiB: () => number,
  limitMiB: number,
  onExceeded: (takenMiB: number) => void,
): { end: () => void; peakMiB: () => number } => {
  let peak = 0;
  const timer = setInterval(() => {
    const taken = takenMiB();
    peak = Math.max(peak, taken);
    if (taken > limitMiB) onExceeded(taken);
  }, interval);
  return { end: () => clearInterval(timer), peakMiB: () => peak };
};
