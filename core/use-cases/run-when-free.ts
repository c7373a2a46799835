import { LostClaimError } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import { type RunPorts, runJob, type Worker } from './run-job.ts';

export type WaitPorts = RunPorts & { sleep: (milliseconds: number) => Promise<void> };

const pollMilliseconds = 1000;

/**
 * Runs a job as soon as no other worker holds it: a worker that was killed leaves a lease that has to run out, and a
 * job that was submitted twice has a worker that is alive. Whoever waits here ends with the job in its terminal state,
 * whichever worker brought it there. Throws what runJob throws, except that another holds the job.
 */
export const runWhenFree = async (id: string, worker: Worker, ports: WaitPorts): Promise<Job> => {
  for (;;) {
    try {
      return await runJob(id, worker, ports);
    } catch (error) {
      if (!(error instanceof LostClaimError) || worker.secondsLeft() === 0) throw error;
      ports.log.write('info', 'waiting for another worker', { reason: error.message });
      await ports.sleep(pollMilliseconds);
    }
  }
};
