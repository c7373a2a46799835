import type { Job } from '../jobs/job.ts';
import type { Clock, JobStore, Workflow, WorkQueue } from '../ports.ts';
import { updateJob } from './update-job.ts';

export type StartPorts = { jobs: JobStore; workQueue: WorkQueue; workflow: Workflow; now: Clock };

/**
 * Hands a queued job to whoever runs it and notes that in its record. Rejections go to the work queue as well: only
 * workers may write to the output bucket.
 */
export const startJob = async (job: Job, ports: StartPorts): Promise<Job> => {
  if (job.decision.target === 'batch') await ports.workflow.start(job);
  else await ports.workQueue.send(job.id);
  // A worker may have taken the job by now, or queued it anew for others: only this very hand-over is noted.
  return updateJob(ports.jobs, job.id, (stored) =>
    stored.state === 'queued' && stored.attempt === job.attempt && stored.handedAt === undefined
      ? { ...stored, handedAt: ports.now() }
      : stored,
  );
};
