import { CapacityError, InternalError, KadamError, LostClaimError } from '../errors.ts';
import { handedOver, isAbandoned } from '../jobs/claim.ts';
import type { Job } from '../jobs/job.ts';
import { endAsFailed } from './end-as-failed.ts';
import { type RunPorts, runJob, type Worker } from './run-job.ts';
import { type StartPorts, startJob } from './start-job.ts';
import { updateJob } from './update-job.ts';

export type ProcessPorts = RunPorts & StartPorts;

/** After so many receives the work queue's patience is not tried further: the state machine brings jobs to an end. */
const maxReceives = 3;

/**
 * Does what one message of the work queue asks for: runs the job on this function, or hands it over to Batch where
 * this function was killed at it before, or turns out to be too small for it.
 *
 * Throws what may get better by itself (another worker still holds the job, a service failed): the message then comes
 * back after its visibility time-out.
 */
export const processJob = async (
  id: string,
  receiveCount: number,
  worker: Worker,
  ports: ProcessPorts,
): Promise<void> => {
  const job = await ports.jobs.get(id);
  if (job === undefined) {
    throw new InternalError(`Expected a record of job ${id} but there is none. Remove the message or upload again.`, {
      code: 'NoSuchJob',
    });
  }
  if (job.state === 'queued' && job.decision.target === 'batch') {
    if (job.handedAt === undefined) await startJob(job, ports);
    return;
  }
  if (isAbandoned(job, ports.now())) {
    return handOver(job, `the function was killed during attempt ${job.attempt}: handed over to Batch`, ports);
  }
  if (receiveCount > maxReceives && job.state === 'running' && job.claim === undefined) {
    return handOver(
      job,
      `${maxReceives} attempts on the function failed (${job.error?.message}): handed over to Batch`,
      ports,
    );
  }
  try {
    await runJob(id, worker, ports);
  } catch (error) {
    if (error instanceof LostClaimError || !(error instanceof KadamError) || error.retryable) throw error;
    if (error instanceof CapacityError) await handOver(job, `${error.message} Handed over to Batch.`, ports);
    else await endAsFailed(id, error, worker, ports);
  }
};

/** Queues an open job for Batch and starts its execution. Repeated after a crash, it does what is left to do. */
const handOver = async (job: Job, reason: string, ports: ProcessPorts): Promise<void> => {
  ports.log('warn', 'handing over to Batch', { job: job.id, key: job.upload.key, reason });
  const queued = await updateJob(ports.jobs, job.id, (stored) => handedOver(stored, reason, ports.now()));
  await startJob(queued, ports);
};
