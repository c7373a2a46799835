import type { Json } from './change-case.ts';
import type { Execution } from './execution.ts';

/**
 * The jobs that one state of an execution waits for. They are remembered on disk, so that an execution that runs
 * again after a restart finds the job that it had submitted instead of submitting a second one.
 */
export type OpenJobs = {
  /** A job that the state submitted with this request before the restart and that nobody waits for yet. */
  find(request: Json): string | undefined;
  add(request: Json, jobId: string): void;
  remove(jobId: string): void;
};

/** The open jobs of a state; `left` are those from before the restart, shared by all states of the execution. */
export function openJobsOf(
  state: string,
  execution: Execution,
  left: Set<Execution['openJobs'][number]>,
  save: () => void,
): OpenJobs {
  return {
    find(request) {
      const text = JSON.stringify(request);
      for (const job of left) {
        if (job.state !== state || job.request !== text) continue;
        left.delete(job);
        return job.jobId;
      }
      return undefined;
    },
    add(request, jobId) {
      if (execution.openJobs.some((job) => job.jobId === jobId)) return;
      execution.openJobs.push({ state, request: JSON.stringify(request), jobId });
      save();
    },
    remove(jobId) {
      execution.openJobs = execution.openJobs.filter((job) => job.jobId !== jobId);
      save();
    },
  };
}
