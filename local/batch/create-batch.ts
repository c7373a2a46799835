import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobDetail } from '@aws-sdk/client-batch';
import * as z from 'zod';
import { ConfigurationError, InternalError } from '../../core/errors.ts';
import { createProcessControl } from '../processes/process-control.ts';
import { openRecordFolder } from '../record-folder.ts';
import { readBody } from '../request-body.ts';
import type { LocalService } from '../service.ts';
import { batchOperations } from './batch-operations.ts';
import { ClientException } from './client-exception.ts';
import { createScheduler } from './create-scheduler.ts';
import { describeJob } from './describe-job.ts';
import { type Job, jobSchema } from './job.ts';
import { batchName, type JobDefinition, jobDefinitionSchema, type LocalJobDefinition } from './job-definition.ts';
import { runAttempt } from './run-attempt.ts';

export type { LocalJobDefinition } from './job-definition.ts';

export type BatchOptions = {
  /** A queue and its compute environment in one: jobs wait RUNNABLE until as many vCPUs are free as they ask for. */
  queues: { name: string; vcpus: number }[];
  jobDefinitions: LocalJobDefinition[];
  /** What every job gets; a definition's and a job's own environment win over it. */
  environment: Record<string, string>;
  /** Where the commands run. */
  workingDirectory: string;
  /** Jobs and logs survive a restart in this folder; without it nothing survives. */
  dataDir?: string;
  /** Hears every line that a job prints. */
  log?: (line: string) => void;
  /** Seconds between SIGTERM and SIGKILL of a job that is to end; AWS's 30 unless told otherwise. */
  stopGraceSeconds?: number;
};

export type BatchService = LocalService & {
  /** Takes the running attempt's host away as a Spot reclaim does; the retry rules decide what follows. */
  reclaim(jobId: string): void;
  /** The listener hears of every job that ends from now on; the answer takes it away again. */
  onJobEnded(listener: (job: JobDetail) => void): () => void;
  /** The file with what an attempt printed. */
  logFile(logStreamName: string): string;
};

const queuesSchema = z.array(z.strictObject({ name: batchName, vcpus: z.int().min(1) })).min(1);

/** AWS Batch's own limit for a SubmitJob request; no other operation comes near it. */
const maxBodyBytes = 30 * 1024;

/**
 * AWS Batch on one machine: jobs are child processes, queues are counts of vCPUs. Throws ConfigurationError for a
 * queue or job definition that AWS would not take either, or a data folder that cannot be read.
 */
export async function createBatch(options: BatchOptions): Promise<BatchService> {
  const queues = new Map(readSetting(queuesSchema, options.queues, 'job queues').map((q) => [q.name, q.vcpus]));
  const definitions = new Map<string, JobDefinition>();
  for (const definition of options.jobDefinitions) {
    const name = `job definition ${definition.name}`;
    definitions.set(definition.name, readSetting(jobDefinitionSchema, definition, name));
  }
  const temporaryFolder = makeTemporaryFolder(options.dataDir);
  const control = createProcessControl((line) => options.log?.(line));
  const logFolder = join(options.dataDir ?? temporaryFolder, 'logs');
  const logFile = (logStreamName: string) => join(logFolder, `${logStreamName}.log`);
  const { PATH = '', HOME = '' } = process.env;

  const scheduler = createScheduler({
    queues,
    records: openRecordFolder(options.dataDir && join(options.dataDir, 'jobs'), jobSchema),
    newLogStreamName: (job) => `${job.jobDefinition.split(/[/:]/).at(-2)}/default/${job.jobId}-${attemptOf(job)}`,
    startAttempt(job, onStarted) {
      const temporaryDirectory = join(temporaryFolder, `${job.jobId}-${attemptOf(job)}`);
      return runAttempt({
        control,
        command: job.command,
        environment: {
          PATH,
          HOME,
          TMPDIR: temporaryDirectory,
          ...job.environment,
          AWS_BATCH_JOB_ID: job.jobId,
          AWS_BATCH_JOB_ATTEMPT: String(attemptOf(job)),
          AWS_BATCH_JQ_NAME: job.queue,
          AWS_BATCH_CE_NAME: job.queue,
        },
        workingDirectory: options.workingDirectory,
        temporaryDirectory,
        logFile: logFile(job.logStreamName ?? job.jobId),
        memoryMiB: job.memoryMiB,
        timeoutSeconds: job.timeoutSeconds,
        stopGraceSeconds: options.stopGraceSeconds ?? 30,
        onStarted,
        onLine: (line) => options.log?.(`${job.jobName}: ${line}`),
      });
    },
  });
  const { environment } = options;
  const catalogue = { queues, definitions, environment, hasJob: (jobId: string) => scheduler.jobs.has(jobId) };
  const operations = batchOperations(scheduler, catalogue);

  return {
    handle: (request, response) => void answer(request, response, operations),
    reclaim(jobId) {
      const job = scheduler.jobs.get(jobId);
      if (!job) throw new ClientException(`Job ${jobId} not found`);
      scheduler.reclaim(job);
    },
    onJobEnded: (listener) => scheduler.onEnded((job) => listener(describeJob(job))),
    logFile,
    async close() {
      await scheduler.close();
      rmSync(temporaryFolder, { recursive: true, force: true });
    },
  };
}

// In the data folder what a killed Kadam left behind is found again and cleared away.
function makeTemporaryFolder(dataDir: string | undefined): string {
  if (dataDir === undefined) return mkdtempSync(join(tmpdir(), 'kadam-batch-'));
  const folder = join(dataDir, 'tmp');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The number of the attempt that runs or is about to, from 1. */
const attemptOf = (job: Job): number => job.attempts.length + 1;

function readSetting<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(`Expected valid ${name} but received:\n${z.prettifyError(parsed.error)}`, {
    code: 'InvalidBatchConfiguration',
    cause: parsed.error,
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  operations: Record<string, (body: unknown) => unknown>,
): Promise<void> {
  const send = (status: number, body: unknown, errorType?: string) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(errorType && { 'x-amzn-errortype': errorType }),
    });
    response.end(JSON.stringify(body));
  };
  try {
    const path = request.url?.split('?')[0] ?? '';
    const operation = request.method === 'POST' && Object.hasOwn(operations, path) ? operations[path] : undefined;
    const body = await readBody(request, maxBodyBytes);
    if (body.kind === 'aborted') return;
    if (!operation) {
      return send(404, { message: `${request.method} ${path} is not supported` }, 'UnknownOperationException');
    }
    send(200, operation(parseBody(body.kind === 'whole' ? body.bytes.toString() : undefined)));
  } catch (error) {
    if (error instanceof ClientException) return send(400, { message: error.message }, error.name);
    const fault = new InternalError(`The local Batch failed: ${error}`, { code: 'BatchFault', cause: error });
    send(500, { message: fault.message }, 'ServerException');
  }
}

function parseBody(body: string | undefined): unknown {
  if (body === undefined) throw new ClientException('Request is larger than 30 KiB');
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new ClientException('Expected a request in JSON');
  }
}
