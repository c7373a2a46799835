import type { Job } from './job.ts';

/** The event that a job ended, as it is published on EventBridge. */
export type JobEvent = { source: 'kadam'; detailType: string; detail: Record<string, unknown> };

/** The event for a job that is done, rejected or failed; undefined for jobs whose ending concerns nobody. */
export const jobEvent = (job: Job, outputBucket: string): JobEvent | undefined => {
  if (job.state !== 'done' && job.state !== 'rejected' && job.state !== 'failed') return undefined;
  return {
    source: 'kadam',
    detailType: `Job ${job.state}`,
    detail: {
      job: job.id,
      status: job.state,
      input: { bucket: job.upload.bucket, key: job.upload.key, versionId: job.upload.versionId },
      recipe: job.recipe,
      target: job.decision.target,
      manifest: job.manifestKey ? { bucket: outputBucket, key: job.manifestKey } : undefined,
      error: job.error,
    },
  };
};
