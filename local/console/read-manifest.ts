import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Job } from '../../core/jobs/job.ts';
import { parseJson } from '../../core/parse-json.ts';

/** The part of a manifest that the console shows; the rest may change without it. */
const manifestSchema = z.object({
  job: z.object({ id: z.string() }),
  measured: z
    .object({ seconds: z.number(), stages: z.array(z.object({ id: z.string(), seconds: z.number() })) })
    .optional(),
  outputs: z.array(
    z.object({
      key: z.string(),
      versionId: z.string().optional(),
      bytes: z.number(),
      width: z.number(),
      height: z.number(),
      contentType: z.string(),
    }),
  ),
});

export type ShownManifest = z.infer<typeof manifestSchema> & { versionId?: string };

/** What lies under a job's manifest key: its own manifest, that of another job, or nothing that can be read as one. */
export type FoundManifest = { kind: 'own'; manifest: ShownManifest } | { kind: 'other' } | { kind: 'none' };

/** Reads the newest manifest under a job's key. Rejects as the S3 client does, but for one that is not there. */
export const readManifest = async (s3: S3Client, bucket: string, job: Job): Promise<FoundManifest> => {
  if (job.manifestKey === undefined) return { kind: 'none' };
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: job.manifestKey }));
    const manifest = manifestSchema.safeParse(parseJson((await answer.Body?.transformToString()) ?? ''));
    if (!manifest.success) return { kind: 'none' };
    if (manifest.data.job.id !== job.id) return { kind: 'other' };
    return { kind: 'own', manifest: { ...manifest.data, versionId: answer.VersionId } };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return { kind: 'none' };
    throw error;
  }
};
