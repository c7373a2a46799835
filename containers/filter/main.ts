import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { jsonLog } from '../../aws/json-log.ts';
import { limitNames, readSettings, routingLimits } from '../../aws/settings.ts';
import { deploymentOf, workerPorts, workerSettingNames } from '../../aws/worker-ports.ts';
import { DependencyError } from '../../core/errors.ts';
import { runWhenFree } from '../../core/use-cases/run-when-free.ts';
import { batchWorker } from '../../core/use-cases/worker.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

/** What job.yml's command passes: the job's id, and the memory that the job was submitted with. */
const commandLine = z.strictObject({ job: z.string().min(1), 'memory-mib': z.coerce.number().positive() });

const stopped = (): DependencyError =>
  new DependencyError('Expected to finish the job but the container was asked to stop (SIGTERM). It is tried again.', {
    code: 'Interrupted',
  });

/** Runs the job that the command names, as one attempt of a Batch job. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { job: { type: 'string' }, 'memory-mib': { type: 'string' } } });
  const { job: id, 'memory-mib': memoryMiB } = commandLine.parse({ ...values });
  const settings = readSettings(process.env, [
    ...workerSettingNames,
    ...limitNames,
    'AWS_BATCH_JOB_ID',
    'AWS_BATCH_JOB_ATTEMPT',
  ]);
  const interrupted = new AbortController();
  process.once('SIGTERM', () => interrupted.abort(stopped()));
  const attempt = {
    jobId: settings.AWS_BATCH_JOB_ID,
    attempt: settings.AWS_BATCH_JOB_ATTEMPT,
    memoryMiB,
    leaseSeconds: settings.KADAM_LEASE_SECONDS,
  };
  const worker = batchWorker(attempt, routingLimits(settings), deploymentOf(settings), Date.now, interrupted.signal);
  await runWhenFree(id, worker, { ...workerPorts(settings, Date.now), sleep });
};

try {
  await main();
  process.exitCode = exitCodes.ended;
} catch (error) {
  jsonLog('error', 'container failed', { error: error instanceof Error ? error.stack : String(error) });
  process.exitCode = exitCodeOf(error);
}
