import { createHash } from 'node:crypto';
import { DependencyError } from '../errors.ts';
import { assertStillMine } from '../jobs/claim.ts';
import { writerOf } from '../jobs/identity.ts';
import type { Job } from '../jobs/job.ts';
import type { Manifest, ManifestOutput } from '../jobs/manifest.ts';
import type { InputStore, JobStore, OutputFile, OutputStore, PreparedWrite } from '../ports.ts';
import { type PublishedManifest, readManifest } from './read-manifest.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { updateJob } from './update-job.ts';

/** A file that is ready to be written, and what the manifest will say of it (its version id comes with the write). */
export type PreparedOutput = { file: OutputFile; described: ManifestOutput };

/** What is to be published: the files, and the manifest that names their versions. */
export type Publication = { outputs: PreparedOutput[]; manifest: (outputs: ManifestOutput[]) => Manifest };

export type PublishPorts = { jobs: JobStore; input: InputStore; output: OutputStore };

type Ending = 'published' | 'superseded' | 'gone';

const maxRounds = 5;

/**
 * Makes a job's outputs visible together, the manifest last, each write conditional on what it replaces.
 *
 * A round sends ahead what can be sent, looks at what is there, makes sure that the upload is still the newest and
 * that this worker still holds the job (noting in its record what it is about to write), and then writes. Whoever
 * writes in between makes one of the conditional writes fail, and the round is begun anew: so a worker whose upload
 * was overtaken finds that out. What is left over then, be it of the run before or of this job's own unfinished
 * attempts, is removed.
 *
 * Throws DependencyError `Contended` after five lost rounds, and LostClaimError where another worker took the job:
 * that one, or the next attempt, finds in the record what there is to remove.
 */
export const publishOutputs = async (job: Job, publication: Publication, ports: PublishPorts): Promise<Ending> => {
  for (let round = 0; round < maxRounds; round++) {
    const ending = await publishRound(job, publication, ports);
    if (ending !== 'overtaken') return ending;
  }
  throw new DependencyError(
    `Expected to publish job ${job.id} but other writes under the same keys came first ${maxRounds} times. Try again.`,
    { code: 'Contended' },
  );
};

const publishRound = async (
  job: Job,
  { outputs, manifest }: Publication,
  ports: PublishPorts,
): Promise<Ending | 'overtaken'> => {
  const { output } = ports;
  const writes: PreparedWrite[] = [];
  try {
    for (const { file } of outputs) writes.push(await output.prepare(file));
    const replaced = await Promise.all(outputs.map(({ file }) => output.current(file.key)));
    const replacedManifest = job.manifestKey ? await output.current(job.manifestKey) : 'absent';
    const before = await readManifest(job, output);
    const standing = isOutrun(job, before) ? 'superseded' : await ports.input.standing(job.upload);
    const noted = await updateJob(ports.jobs, job.id, notingTouched(job, outputs, before));
    if (standing !== 'newest') {
      await removeLeftovers(noted, output);
      return standing;
    }

    const results = await Promise.all(writes.map((write, index) => write.commit(replaced[index] ?? 'absent')));
    const named = outputs.flatMap(({ described }, index) => {
      const result = results[index];
      return result === undefined ? [] : [{ ...described, versionId: result.versionId }];
    });
    if (named.length < outputs.length) return 'overtaken';
    if (job.manifestKey !== undefined) {
      const last = await output.prepare(manifestFile(job, job.manifestKey, manifest(named)));
      if ((await last.commit(replacedManifest)) === undefined) return 'overtaken';
    }
    await removeLeftovers(noted, output, new Set(named.map(({ key }) => key)));
    return 'published';
  } finally {
    for (const write of writes) await write.abort();
  }
};

/**
 * Whether a later job of the very same upload has published its result already: its recipe was another one by then (a
 * sidecar that was replaced, a recipe that was edited before the upload was reprocessed).
 */
const isOutrun = ({ id, upload, createdAt }: Job, before: PublishedManifest | undefined): boolean =>
  before !== undefined &&
  before.job.id !== id &&
  before.input.versionId === upload.versionId &&
  before.input.etag === upload.etag &&
  before.job.createdAt > createdAt;

/**
 * The change of the record that says, before the first write, which keys this job may leave something under: its own
 * files, and those that the manifest before it names. Refuses, as it is made, where another worker holds the job.
 */
const notingTouched = (
  job: Job,
  outputs: PreparedOutput[],
  before: PublishedManifest | undefined,
): ((stored: Job) => Job) => {
  const own = outputs.map(({ file }) => file.key);
  const isOther = before !== undefined && writerOf(before.job) !== writerOf(job);
  const others = isOther ? before.outputs.map(({ key }) => key) : [];
  return (stored) => {
    const mine = assertStillMine(stored, job);
    const known = mine.touched ?? { keys: [], replaces: [] };
    const keys = [...new Set([...known.keys, ...own, ...others])];
    const replaces = [...new Set([...known.replaces, ...(isOther ? [writerOf(before.job)] : [])])];
    const isNews = keys.length > known.keys.length || replaces.length > known.replaces.length;
    return isNews ? { ...mine, touched: { keys, replaces } } : mine;
  };
};

const manifestFile = (job: Job, key: string, manifest: Manifest): OutputFile => {
  const body = `${JSON.stringify(manifest, null, 2)}\n`;
  return {
    key,
    body,
    writer: writerOf(job),
    bytes: Buffer.byteLength(body),
    sha256: createHash('sha256').update(body).digest('base64'),
    contentType: 'application/json',
    cacheControl: 'no-cache',
  };
};
