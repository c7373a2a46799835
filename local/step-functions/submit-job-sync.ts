import { setTimeout as wait } from 'node:timers/promises';
import {
  DescribeJobsCommand,
  type JobDetail,
  SubmitJobCommand,
  type SubmitJobCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import * as z from 'zod';
import { jobArn } from '../batch/describe-job.ts';
import { submitJobSchema } from '../batch/submit-job.ts';
import { findUncapitalized, type Json, toCamelCase, toPascalCase } from './change-case.ts';
import { invalidParameters, TaskError } from './task-error.ts';
import type { TaskContext } from './task-resources.ts';

export const submitJobFields = Object.keys(submitJobSchema.shape).map((field) =>
  field.replace(/^./, (first) => first.toUpperCase()),
);

const pollMilliseconds = 200;

/** The longest cause: TaskFailedEventDetails in the Step Functions API reference. */
const maxCause = 32_768;

/**
 * batch:submitJob.sync: submits a job and waits for its end. The answer is the job in Step Functions' casing; a job
 * that fails is States.TaskFailed with the same as JSON for its cause. When the signal aborts, the job is terminated.
 */
export const submitJobSync = async (input: Json, context: TaskContext): Promise<Json> => {
  const { clients, openJobs } = context;
  // The request is never broken off: a job whose id is not known could not be terminated.
  const request = readRequest(input);
  const jobId = openJobs.take(input) ?? (await clients.batch.send(new SubmitJobCommand(request))).jobId ?? '';
  openJobs.add(input, jobId);
  context.noteSubmitted({ JobArn: jobArn(jobId), JobId: jobId, JobName: request.jobName ?? null });
  const job = await waitForEnd(jobId, context).catch((error) => {
    openJobs.leave(jobId);
    throw error;
  });
  openJobs.remove(jobId);

  // JSON leaves out what is undefined, as the answer on the wire does.
  const detail = toPascalCase(JSON.parse(JSON.stringify(job)));
  if (job.status === 'FAILED') throw new TaskError('States.TaskFailed', JSON.stringify(detail).slice(0, maxCause));
  return detail;
};

// Unknown fields are looked for here, since the SDK drops them without a word. Values are for Batch to judge.
const readRequest = (input: Json): SubmitJobCommandInput => {
  const wrong = findUncapitalized(input);
  if (wrong) throw invalidParameters(`Expected fields that begin with a capital but received ${wrong}`);
  const request = z.custom<SubmitJobCommandInput>().parse(toCamelCase(input));
  const unknown = submitJobSchema.safeParse(request).error?.issues.filter(({ code }) => code === 'unrecognized_keys');
  if (unknown?.length) throw invalidParameters(unknown.map(({ message }) => message).join('; '));
  return request;
};

const waitForEnd = async (jobId: string, { clients, signal, isClosing, openJobs }: TaskContext): Promise<JobDetail> => {
  while (!signal.aborted) {
    const { jobs } = await clients.patientBatch.send(new DescribeJobsCommand({ jobs: [jobId] }));
    const job = jobs?.[0];
    if (!job) throw new TaskError('Batch.ClientException', `Job ${jobId} is not known to Batch any more`);
    if (job.status === 'SUCCEEDED' || job.status === 'FAILED') return job;
    await wait(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
  // Kadam is going away, and the job is to be found again after a restart.
  if (!isClosing()) {
    const reason = 'The Step Functions task that waited for this job was aborted';
    await clients.patientBatch.send(new TerminateJobCommand({ jobId, reason }));
    openJobs.remove(jobId);
  }
  throw signal.reason;
};
