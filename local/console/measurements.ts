import type { S3Client } from '@aws-sdk/client-s3';
import { hasEnded, type Job } from '../../core/jobs/job.ts';
import { readManifest } from './read-manifest.ts';

/** As many endings are remembered; a row of the table that is older is read again. */
const remembered = 5000;

/** Answers how long workers took for jobs that have ended: by their manifests, each of which is read once. */
export const createMeasurements = (s3: S3Client, bucket: string) => {
  const seconds = new Map<string, Promise<number | undefined>>();

  const read = async (job: Job): Promise<number | undefined> => {
    const found = await readManifest(s3, bucket, job);
    return found.kind === 'own' ? found.manifest.measured?.seconds : undefined;
  };

  return async (job: Job): Promise<number | undefined> => {
    if (!hasEnded(job.state)) return undefined;
    // A job that is begun anew ends again.
    const ending = `${job.id} ${job.endedAt}`;
    const known = seconds.get(ending);
    if (known !== undefined) return known;
    const reading = read(job);
    seconds.set(ending, reading);
    const [oldest] = seconds.keys();
    if (seconds.size > remembered && oldest !== undefined) seconds.delete(oldest);
    return reading.catch((error) => {
      seconds.delete(ending);
      throw error;
    });
  };
};
