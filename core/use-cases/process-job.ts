import { CapacityError, KadamError, LostClaimError } from '../errors.ts';
import { handedOver, nextStep } from '../jobs/claim.ts';
import { nameJob } from '../jobs/name-job.ts';
import type { HandOverReason } from '../metrics/measurement.ts';
import type { Metrics } from '../ports.ts';
import { raisedMemoryMiB } from '../route/batch-memory.ts';
import { endUnrendered } from './end-unrendered.ts';
import { existingJob } from './existing-job.ts';
import { type RunPorts, runJob, type Worker } from './run-job.ts';
import { type StartPorts, startJob } from './start-job.ts';
import { updateJob } from './update-job.ts';

export type ProcessPorts = RunPorts & StartPorts & { metrics: Metrics };

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
  nameJob(ports.log, job);
  const next = nextStep(job, ports.now(), receiveCount);
  if (next.step === 'leave') return;
  if (next.step === 'start') await startJob(job, ports);
  else if (next.step === 'handOver') await handOver(id, next.because, next.reason, worker, ports);
  else await runOrHandOver(id, worker, ports);
};

const runOrHandOver = async (id: string, worker: Worker, ports: ProcessPorts): Promise<void> => {
  try {
    await runJob(id, worker, ports);
  } catch (error) {
    if (error instanceof LostClaimError || !(error instanceof KadamError) || error.retryable) throw error;
    if (!(error instanceof CapacityError)) await endUnrendered(id, { status: 'failed', error }, worker, ports);
    else await handOver(id, shortageOf(error), `${error.message} Handed over to Batch.`, worker, ports);
  }
};

/** What a function had too little of. */
const shortageOf = ({ code }: CapacityError): HandOverReason => {
  if (code === 'OutOfTime') return 'deadline';
  if (code === 'OutOfMemory') return 'memory';
  return code === 'OutOfDisk' ? 'disk' : 'exact-traits';
};

/** Queues an open job for Batch and starts its execution. Repeated after a crash, it does what is left to do. */
const handOver = async (
  id: string,
  because: HandOverReason,
  reason: string,
  worker: Worker,
  ports: ProcessPorts,
): Promise<void> => {
  const isMemorySuspect = because === 'memory' || because === 'killed';
  const minimumMemoryMiB = isMemorySuspect ? raisedMemoryMiB(worker.memoryMiB) : undefined;
  const job = await updateJob(ports.jobs, id, (stored) => handedOver(stored, reason, ports.now(), minimumMemoryMiB));
  nameJob(ports.log, job);
  ports.log.write('warn', 'handed over to Batch', { because, reason });
  ports.metrics.record({ values: { HandedOver: 1 }, dimensions: { reason: because } });
  await startJob(job, ports);
};
