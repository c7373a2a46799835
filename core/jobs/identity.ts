import { createHash } from 'node:crypto';
import type { Upload } from './upload.ts';

const idLength = 32;
const executionNameLimit = 80;

/**
 * A job's id: 32 hex digits over bucket, key, version and recipe hash. The same event delivered twice gives the same
 * id. Without a version id the ETag and the sequencer stand for the version.
 */
export const jobId = (upload: Upload, recipeHash: string): string => {
  const version = upload.versionId ?? `${upload.etag} ${upload.sequencer ?? ''}`;
  return createHash('sha256')
    .update([upload.bucket, upload.key, version, recipeHash].join('\0'))
    .digest('hex')
    .slice(0, idLength);
};

/** Who writes a job's objects: this run of it, and no run before. */
export const writerOf = (job: { id: string; run: number }): string => `${job.id}/${job.run}`;

/**
 * The name of a job's execution: a slug of the key, so that a person finds it in the console, the id, and the number of
 * the execution. Step Functions allows 80 characters and refuses a closed execution's name for 90 days.
 */
export const executionName = (key: string, id: string, execution: number): string => {
  const tail = `-${id}-${execution}`;
  const slug = key.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return `${(slug || 'key').slice(0, executionNameLimit - tail.length)}${tail}`;
};
