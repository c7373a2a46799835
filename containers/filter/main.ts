import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { repository } from '../../aws/job-file.ts';
import { log, reporting } from '../../aws/log.ts';
import { marketOf } from '../../aws/market-of.ts';
import { limitNames, readSettings, routingLimits } from '../../aws/settings.ts';
import { deploymentOf, workerPorts, workerSettingNames } from '../../aws/worker-ports.ts';
import { ConfigurationError, StoppedError } from '../../core/errors.ts';
import { readContainerFilters } from '../../core/filters/read-container-filters.ts';
import { filterContainer } from '../../core/route/limits.ts';
import { runWhenFree } from '../../core/use-cases/run-when-free.ts';
import { batchWorker } from '../../core/use-cases/worker.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { openScratchFolder } from './scratch-folder.ts';

/** What job.yml's command passes: the job's id, the memory that it was submitted with, and the container's own name. */
const commandLine = z.strictObject({
  job: z.string().min(1),
  'memory-mib': z.coerce.number().positive(),
  container: z.string().default(filterContainer),
});

/** What the command says. Throws ConfigurationError: the same job definition would say the same again. */
const readCommandLine = (): z.output<typeof commandLine> => {
  const { values } = parseArgs({
    options: { job: { type: 'string' }, 'memory-mib': { type: 'string' }, container: { type: 'string' } },
    strict: false,
  });
  const parsed = commandLine.safeParse({ ...values });
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    `Expected the words of a job.yml's command but received others:\n${z.prettifyError(parsed.error)}\n` +
      'Compare the job definition with containers/filter/job.yml.',
    { code: 'InvalidCommandLine' },
  );
};

/** Runs the job that the command names, as one attempt of a Batch job. */
const main = async (): Promise<void> => {
  const { job: id, 'memory-mib': memoryMiB, container } = readCommandLine();
  log.add({ job: id });
  // An image has its containers' filters beside its code.
  const settings = readSettings({ KADAM_CONTAINER_FILTERS: fileURLToPath(repository), ...process.env }, [
    ...workerSettingNames,
    ...limitNames,
    'KADAM_CONTAINER_FILTERS',
    'AWS_BATCH_JOB_ID',
    'AWS_BATCH_JOB_ATTEMPT',
    'AWS_BATCH_JQ_NAME',
  ]);
  const interrupted = new AbortController();
  process.once('SIGTERM', () => interrupted.abort(new StoppedError()));
  const attempt = {
    jobId: settings.AWS_BATCH_JOB_ID,
    attempt: settings.AWS_BATCH_JOB_ATTEMPT,
    memoryMiB,
    market: marketOf(settings.AWS_BATCH_JQ_NAME),
    leaseSeconds: settings.KADAM_LEASE_SECONDS,
    container,
    containerFilters: await readContainerFilters(settings.KADAM_CONTAINER_FILTERS),
  };
  const worker = batchWorker(attempt, routingLimits(settings), deploymentOf(settings), Date.now, interrupted.signal);
  await using scratch = await openScratchFolder(tmpdir(), Date.now());
  process.env.TMPDIR = scratch.path;
  await runWhenFree(id, worker, { ...workerPorts(settings, Date.now), sleep });
};

try {
  await reporting('container', {}, main);
  process.exitCode = exitCodes.ended;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
