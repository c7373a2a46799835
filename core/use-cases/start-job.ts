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
  // A worker may have taken the job by now: only a job that is still queued needs the note.
  return updateJob(ports.jobs, job.id, (stored) => (stored.handedAt ? stored : { ...stored, handedAt: ports.now() }));
};
