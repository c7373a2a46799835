import * as z from 'zod';
import type { Job, JobError, Spent } from '../jobs/job.ts';
import { parseJson } from '../parse-json.ts';
import type { OutputStore } from '../ports.ts';

/** The part of a published manifest that Kadam itself reads again. */
const publishedManifest = z.looseObject({
  status: z.enum(['done', 'rejected', 'failed']),
  job: z.looseObject({ id: z.string(), run: z.number(), createdAt: z.number() }),
  input: z.looseObject({ versionId: z.string().optional(), etag: z.string() }),
  outputs: z.array(z.looseObject({ key: z.string() })),
  // An older version's manifests say it in other words: those are counted without.
  measured: z.looseObject({ seconds: z.number(), dollars: z.number() }).optional().catch(undefined),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});

export type PublishedManifest = {
  status: 'done' | 'rejected' | 'failed';
  job: { id: string; run: number; createdAt: number };
  input: { versionId?: string | undefined; etag: string };
  outputs: { key: string }[];
  measured?: Spent | undefined;
  error?: JobError;
};

/** The manifest that lies at a job's key now; undefined where there is none, or something that is not Kadam's. */
export const readManifest = async (job: Job, output: OutputStore): Promise<PublishedManifest | undefined> => {
  const text = job.manifestKey === undefined ? undefined : await output.readText(job.manifestKey);
  if (text === undefined) return undefined;
  // Somebody else's object under our key has nothing in it to build upon, and is about to be replaced.
  return publishedManifest.safeParse(parseJson(text)).data;
};
