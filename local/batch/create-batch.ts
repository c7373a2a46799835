import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { byPath, serveJson } from '../json-protocol.ts';
import { createProcessControl } from '../processes/process-control.ts';
import { openRecordFolder } from '../record-folder.ts';
import type { LocalService } from '../service.ts';
import { batchOperations } from './batch-operations.ts';
import { createScheduler, type Host } from './create-scheduler.ts';
import { type Job, jobSchema } from './job.ts';
import { type RunningAttempt, runAttempt } from './run-attempt.ts';
import { clientException, type JobDefinition } from './submit-job.ts';

export type BatchOptions = {
  /** What the jobs of all queues share: they wait RUNNABLE until as many vCPUs are free as they ask for. */
  vcpus: number;
  queues: string[];
  jobDefinitions: JobDefinition[];
  /**
   * What every job gets; a definition's and a job's own environment win over it. It is this start's, also for jobs of
   * an earlier one: the endpoint may be another.
   */
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
  reclaim(jobId: string, host?: Host): void;
  /** The file with what an attempt printed. */
  logFile(logStreamName: string): string;
};

/** AWS Batch's own limit for a SubmitJob request; no other operation comes near it. */
const maxBytes = 30 * 1024;

/**
 * AWS Batch on one machine: jobs are child processes, queues are counts of vCPUs. Throws ConfigurationError for a
 * data folder that cannot be read.
 */
export const createBatch = async (options: BatchOptions): Promise<BatchService> => {
  const { dataDir, environment, queues, workingDirectory, log = () => undefined } = options;
  const temporaryFolder = makeTemporaryFolder(dataDir);
  const control = createProcessControl(log);
  const logFile = (logStreamName: string) => join(dataDir ?? temporaryFolder, 'logs', `${logStreamName}.log`);
  const { PATH = '', HOME = '' } = process.env;

  const scheduler = createScheduler({
    queues,
    vcpus: options.vcpus,
    records: openRecordFolder(dataDir && join(dataDir, 'jobs'), jobSchema),
    newLogStreamName: (job) => `${job.jobDefinition.split(/[/:]/).at(-2)}/default/${job.jobId}-${attemptOf(job)}`,
    startAttempt(job, onStarted) {
      if (job.image !== undefined && !existsSync(resolve(workingDirectory, job.image))) return withoutImage(job.image);
      const temporaryDirectory = join(temporaryFolder, `${job.jobId}-${attemptOf(job)}`);
      return runAttempt({
        control,
        command: job.command,
        environment: {
          PATH,
          HOME,
          ...environment,
          TMPDIR: temporaryDirectory,
          ...job.environment,
          AWS_BATCH_JOB_ID: job.jobId,
          AWS_BATCH_JOB_ATTEMPT: String(attemptOf(job)),
          AWS_BATCH_JQ_NAME: job.queue,
          AWS_BATCH_CE_NAME: job.queue,
        },
        workingDirectory,
        temporaryDirectory,
        logFile: logFile(job.logStreamName ?? job.jobId),
        memoryMiB: job.memoryMiB,
        timeoutSeconds: job.timeoutSeconds,
        stopGraceSeconds: options.stopGraceSeconds ?? 30,
        onStarted,
        onLine: (line) => log(`${job.jobName}: ${line}`),
      });
    },
  });
  const { jobs } = scheduler;
  const operations = batchOperations(scheduler, { queues, definitions: options.jobDefinitions, jobs });

  return {
    handle: serveJson({ operationOf: byPath(operations), malformed: 'ClientException', maxBytes, log }),
    reclaim(jobId, host = 'EC2') {
      const job = jobs.get(jobId);
      if (!job) throw clientException(`Job ${jobId} not found`);
      scheduler.reclaim(job, host);
    },
    logFile,
    async close() {
      await scheduler.close();
      rmSync(temporaryFolder, { recursive: true, force: true });
    },
  };
};

// In the data folder what a killed Kadam left behind is found again and cleared away.
const makeTemporaryFolder = (dataDir: string | undefined): string => {
  if (dataDir === undefined) return mkdtempSync(join(tmpdir(), 'kadam-batch-'));
  const folder = join(dataDir, 'tmp');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** An attempt that ends before it begins. The wording is that of ECS ('CannotPullContainer task errors'), and Batch's. */
const withoutImage = (image: string): RunningAttempt => ({
  stop: () => undefined,
  kill: () => undefined,
  ended: Promise.resolve({
    reason: `CannotPullContainerError: failed to resolve ref ${image}: not found`,
    statusReason: 'Task failed to start',
    outcome: 'failed',
  }),
});

/** The number of the attempt that runs or is about to, from 1. */
const attemptOf = (job: Job): number => job.attempts.length + 1;
