/** How pictures come: all at once, or one after the other, `seconds` apart. */
export type Arrival = 'at once' | { secondsApart: number };

/**
 * How many machines are started for each job. All at once, as many machines start as may run together, and each goes on
 * with the next job; one by one, every job starts one of its own where the one before has ended by then, or else joins
 * those that run already. Pure.
 */
export const startsPerJob = (
  { count, seconds, arrival }: { count: number; seconds: number; arrival: Arrival },
  mostAtOnce: number,
): number => {
  if (count <= 0) return 0;
  if (arrival === 'at once') return Math.min(count, mostAtOnce) / count;
  if (arrival.secondsApart >= seconds) return 1;
  return Math.min(count, mostAtOnce, Math.ceil(seconds / arrival.secondsApart)) / count;
};
