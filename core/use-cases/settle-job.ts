import * as z from 'zod';
import { CancelledError, StoppedError } from '../errors.ts';
import { hasEnded, type Job, type JobError } from '../jobs/job.ts';
import { nameJob } from '../jobs/name-job.ts';
import { parseJson } from '../parse-json.ts';
import { type EndPorts, publishEvent } from './end-job.ts';
import { endUnrendered } from './end-unrendered.ts';
import { existingJob } from './existing-job.ts';
import type { Ender } from './run-job.ts';

/** What the state machine knows of a job that did not succeed: Step Functions' own Error and Cause. */
export type WorkflowFailure = { Error: string; Cause: string };

/** Which execution has come to its end, and how, where it failed. */
export type Settlement = { execution?: number | undefined; failure?: WorkflowFailure | undefined };

/**
 * Brings a job to its end after its Batch job has ended, however it did. Usually the container has done so itself;
 * where it died before that, the job ends as failed, with the container's own error text if it could still leave one
 * in the record, else with what Batch or Step Functions says; and as rejected where a person had wished for its end.
 * Announces the ending where that has not happened. An execution that is not the record's (the job was begun anew, or
 * queued anew, in the meantime) changes nothing.
 *
 * Throws LostClaimError `HeldByAnother` while a worker's lease still runs: whoever asks tries again later.
 */
export const settleJob = async (
  id: string,
  { execution, failure }: Settlement,
  ender: Ender,
  ports: EndPorts,
): Promise<Job> => {
  const job = await existingJob(ports.jobs, id);
  nameJob(ports.log, job);
  if (execution !== undefined && execution !== job.execution) return job;
  if (hasEnded(job.state)) return publishEvent(job, ports, ender);
  if (job.isCancelled) return endUnrendered(id, { status: 'rejected', error: new CancelledError(id) }, ender, ports);
  return endUnrendered(id, { status: 'failed', error: failureOf(job, failure) }, ender, ports);
};

/** The parts of Batch's job detail, as the integration's Cause holds it, that say why a job failed. */
const jobDetail = z.looseObject({
  JobId: z.string().optional(),
  StatusReason: z.string().optional(),
  Container: z
    .looseObject({
      ExitCode: z.number().optional(),
      Reason: z.string().optional(),
      LogStreamName: z.string().optional(),
    })
    .optional(),
});

/** Why a job failed, by who knows best: the container, unless it was only told to stop; else Batch. */
const failureOf = (job: Job, failure: WorkflowFailure | undefined): JobError => {
  const told = job.error?.code === StoppedError.code ? undefined : job.error;
  if (failure === undefined) {
    return (
      told ?? {
        code: 'NoResult',
        message: 'Expected the container to end the job but it exited with 0 and left no result. Look at its log.',
      }
    );
  }
  // Step Functions' own errors (a time-out, a refused request) have a sentence for a cause, not JSON. No container's
  // text explains them: it is of an attempt before.
  const detail = jobDetail.safeParse(parseJson(failure.Cause));
  if (!detail.success) return { code: failure.Error, message: failure.Cause || failure.Error };
  return told ?? batchError(detail.data, failure.Cause);
};

/** Batch's account of a failure as a sentence. */
const batchError = ({ StatusReason, Container, JobId }: z.infer<typeof jobDetail>, cause: string): JobError => {
  const said = [
    Container?.Reason,
    StatusReason,
    Container?.ExitCode === undefined ? undefined : `exit code ${Container.ExitCode}`,
    Container?.LogStreamName === undefined ? undefined : `log stream ${Container.LogStreamName}`,
  ].filter((part) => part !== undefined);
  const code = Container?.Reason?.startsWith('OutOfMemoryError') ? 'OutOfMemory' : 'BatchJobFailed';
  return { code, message: `Batch job ${JobId ?? ''} failed: ${said.join('; ') || cause}.` };
};
