import type { Json } from './change-case.ts';
import type { Execution } from './execution.ts';

export type OpenJobs = ReturnType<typeof openJobsOf>;

/**
 * The jobs that one state of an execution waits for. They are remembered on disk, so that a state that runs again,
 * after a restart or because Batch could not be reached, finds its job instead of submitting a second one. `left` are
 * those of the whole execution that nobody waits for.
 */
export const openJobsOf = (
  state: string,
  execution: Execution,
  left: Set<Execution['openJobs'][number]>,
  save: () => void,
) => ({
  /** A job that the state submitted with this request and that nobody waits for; the caller now does. */
  take(request: Json): string | undefined {
    const text = JSON.stringify(request);
    for (const job of left) {
      if (job.state !== state || job.request !== text) continue;
      left.delete(job);
      return job.jobId;
    }
    return undefined;
  },
  /** Notes that somebody waits for a job. */
  add(request: Json, jobId: string): void {
    if (execution.openJobs.some((job) => job.jobId === jobId)) return;
    execution.openJobs.push({ state, request: JSON.stringify(request), jobId });
    save();
  },
  /** Notes that nobody waits for a job any more, though it may still run. */
  leave(jobId: string): void {
    for (const job of execution.openJobs) if (job.jobId === jobId) left.add(job);
  },
  /** Forgets a job that has ended. */
  remove(jobId: string): void {
    execution.openJobs = execution.openJobs.filter((job) => job.jobId !== jobId);
    save();
  },
});
