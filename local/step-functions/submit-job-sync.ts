import { setTimeout as wait } from 'node:timers/promises';
import { DescribeJobsCommand, type JobDetail, SubmitJobCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import * as z from 'zod';
import { findUncapitalized, type Json, toCamelCase, toPascalCase } from './change-case.ts';
import { invalidParameters, TaskError } from './task-error.ts';
import type { TaskContext } from './task-resources.ts';

const texts = z.record(z.string(), z.string());

// The fields that the integration supports (connect-batch in the Step Functions guide), all of them by name, since the
// SDK drops what it does not know without a word. Their values are for Batch to judge.
const requestSchema = z.strictObject({
  jobName: z.string(),
  jobQueue: z.string(),
  jobDefinition: z.string(),
  parameters: texts.optional(),
  arrayProperties: z.strictObject({ size: z.number() }).optional(),
  containerOverrides: z
    .strictObject({
      command: z.array(z.string()).optional(),
      environment: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
      resourceRequirements: z
        .array(z.strictObject({ type: z.enum(['GPU', 'MEMORY', 'VCPU']), value: z.string() }))
        .optional(),
    })
    .optional(),
  dependsOn: z.array(z.strictObject({ jobId: z.string() })).optional(),
  retryStrategy: z
    .strictObject({
      attempts: z.number(),
      evaluateOnExit: z
        .array(
          z.strictObject({
            action: z.enum(['RETRY', 'EXIT']),
            onExitCode: z.string().optional(),
            onReason: z.string().optional(),
            onStatusReason: z.string().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  timeout: z.strictObject({ attemptDurationSeconds: z.number() }).optional(),
  tags: texts.optional(),
});

export const submitJobFields = Object.keys(requestSchema.shape).map((field) =>
  field.replace(/^./, (first) => first.toUpperCase()),
);

const pollMilliseconds = 200;

/**
 * batch:submitJob.sync: submits a job and waits for its end. The answer is the job in Step Functions' casing; a job
 * that fails is States.TaskFailed with the same as JSON for its cause. When the signal aborts, the job is terminated.
 */
export async function submitJobSync(input: Json, context: TaskContext): Promise<Json> {
  const wrong = findUncapitalized(input);
  if (wrong) throw invalidParameters(`Expected fields that begin with a capital but received ${wrong}`);
  const request = requestSchema.safeParse(toCamelCase(input));
  if (!request.success) throw invalidParameters(z.prettifyError(request.error));

  // The request is never broken off: a job whose id is not known could not be terminated.
  const { clients, openJobs } = context;
  const submitted = openJobs.take(input) ?? (await clients.batch.send(new SubmitJobCommand(request.data))).jobId;
  const jobId = submitted ?? '';
  openJobs.add(input, jobId);
  const job = await waitForEnd(jobId, context).catch((error) => {
    openJobs.leave(jobId);
    throw error;
  });
  openJobs.remove(jobId);

  // JSON leaves out what is undefined, as the answer on the wire does.
  const detail = toPascalCase(JSON.parse(JSON.stringify(job)));
  if (job.status === 'FAILED') throw new TaskError('States.TaskFailed', JSON.stringify(detail));
  return detail;
}

async function waitForEnd(jobId: string, { clients, signal, isClosing, openJobs }: TaskContext): Promise<JobDetail> {
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
}
