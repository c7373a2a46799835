import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { dynamoDbClient, eventBridgeClient, s3Client } from '../../aws/clients.ts';
import { dynamoDbJobStore } from '../../aws/dynamodb-job-store.ts';
import { dynamoDbRecipeStore } from '../../aws/dynamodb-recipe-store.ts';
import { eventBridgePublisher } from '../../aws/event-bridge-publisher.ts';
import { jsonLog } from '../../aws/json-log.ts';
import { s3InputStore } from '../../aws/s3-input-store.ts';
import { s3OutputStore } from '../../aws/s3-output-store.ts';
import { readSettings } from '../../aws/settings.ts';
import { version } from '../../aws/version.ts';
import { DependencyError } from '../../core/errors.ts';
import { runWhenFree } from '../../core/use-cases/run-when-free.ts';
import { batchWorker } from '../../core/use-cases/worker.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

/** What job.yml's command passes: the job's id, and the memory that the job was submitted with. */
const commandLine = z.strictObject({ job: z.string().min(1), 'memory-mib': z.coerce.number().positive() });

/** Runs the job that the command names, as one attempt of a Batch job. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { job: { type: 'string' }, 'memory-mib': { type: 'string' } } });
  const { job: id, 'memory-mib': memoryMiB } = commandLine.parse({ ...values });
  const settings = readSettings(process.env, [
    'KADAM_OUTPUT_BUCKET',
    'KADAM_JOBS_TABLE',
    'KADAM_EVENT_BUS',
    'KADAM_LEASE_SECONDS',
    'KADAM_BATCH_TIMEOUT_SECONDS',
    'AWS_BATCH_JOB_ID',
    'AWS_BATCH_JOB_ATTEMPT',
  ]);
  const interrupted = new AbortController();
  process.once('SIGTERM', () => interrupted.abort(stopped()));

  const dynamoDb = dynamoDbClient();
  const s3 = s3Client();
  const worker = batchWorker(
    {
      jobId: settings.AWS_BATCH_JOB_ID,
      attempt: settings.AWS_BATCH_JOB_ATTEMPT,
      memoryMiB,
      timeoutSeconds: settings.KADAM_BATCH_TIMEOUT_SECONDS,
      leaseSeconds: settings.KADAM_LEASE_SECONDS,
    },
    { version, outputBucket: settings.KADAM_OUTPUT_BUCKET },
    Date.now,
    interrupted.signal,
  );
  const job = await runWhenFree(id, worker, {
    input: s3InputStore(s3),
    output: s3OutputStore(s3, settings.KADAM_OUTPUT_BUCKET),
    jobs: dynamoDbJobStore(dynamoDb, settings.KADAM_JOBS_TABLE),
    recipes: dynamoDbRecipeStore(dynamoDb, settings.KADAM_JOBS_TABLE),
    events: eventBridgePublisher(eventBridgeClient(), settings.KADAM_EVENT_BUS),
    now: Date.now,
    log: jsonLog,
    sleep,
  });
  jsonLog('info', 'ended', { job: job.id, key: job.upload.key, state: job.state, error: job.error });
};

const stopped = (): DependencyError =>
  new DependencyError('Expected to finish the job but the container was asked to stop (SIGTERM). It is tried again.', {
    code: 'Interrupted',
  });

try {
  await main();
  process.exitCode = exitCodes.ended;
} catch (error) {
  jsonLog('error', 'container failed', { error: error instanceof Error ? error.stack : String(error) });
  process.exitCode = exitCodeOf(error);
}
