import { CapacityError, KadamError, LostClaimError } from '../errors.ts';
import { handedOver, nextStep } from '../jobs/claim.ts';
import { endUnrendered } from './end-unrendered.ts';
import { existingJob } from './existing-job.ts';
import { type RunPorts, runJob, type Worker } from './run-job.ts';
import { type StartPorts, startJob } from './start-job.ts';
import { updateJob } from './update-job.ts';

export type ProcessPorts = RunPorts & StartPorts;

/** A worker that was too small is followed by one with at least so many times its memory. */
const memoryFactor = 2;

/**
 * Does what one message of the work queue asks for: runs the job on this function, or hands it over to Batch where
 * this function was killed at it before, or turns out to be too small for it.
 *
 * Throws what may get better by itself (another worker still holds the job, a service failed): the message then comes
 * back later.
 */
export const processJob = async (
  id: string,
  receiveCount: number,
  worker: Worker,
  ports: ProcessPorts,
): Promise<void> => {
  const job = await existingJob(ports.jobs, id);
  const next = nextStep(job, ports.now(), receiveCount);
  if (next.step === 'leave') return;
  if (next.step === 'start') await startJob(job, ports);
  else if (next.step === 'handOver') await handOver(id, next.reason, next.isMemorySuspect, worker, ports);
  else await runOrHandOver(id, worker, ports);
};

const runOrHandOver = async (id: string, worker: Worker, ports: ProcessPorts): Promise<void> => {
  try {
    await runJob(id, worker, ports);
  } catch (error) {
    if (error instanceof LostClaimError || !(error instanceof KadamError) || error.retryable) throw error;
    if (!(error instanceof CapacityError)) await endUnrendered(id, { status: 'failed', error }, worker, ports);
    else await handOver(id, `${error.message} Handed over to Batch.`, error.code === 'OutOfMemory', worker, ports);
  }
};

/** Queues an open job for Batch and starts its execution. Repeated after a crash, it does what is left to do. */
const handOver = async (
  id: string,
  reason: string,
  isMemorySuspect: boolean,
  worker: Worker,
  ports: ProcessPorts,
): Promise<void> => {
  const minimumMemoryMiB = isMemorySuspect ? memoryFactor * worker.memoryMiB : undefined;
  const job = await updateJob(ports.jobs, id, (stored) => handedOver(stored, reason, ports.now(), minimumMemoryMiB));
  ports.log('warn', 'handed over to Batch', { job: id, key: job.upload.key, reason });
  await startJob(job, ports);
};
