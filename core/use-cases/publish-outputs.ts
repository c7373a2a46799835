import { createHash } from 'node:crypto';
import { DependencyError } from '../errors.ts';
import { assertStillMine } from '../jobs/claim.ts';
import type { Job } from '../jobs/job.ts';
import type { Manifest, ManifestOutput } from '../jobs/manifest.ts';
import type { InputStore, JobStore, OutputFile, OutputStore, PreparedWrite } from '../ports.ts';
import { readManifest } from './read-manifest.ts';

/** A file that is ready to be written, and what the manifest will say of it (its version id comes with the write). */
export type PreparedOutput = { file: OutputFile; described: ManifestOutput };

export type PublishPorts = { jobs: JobStore; input: InputStore; output: OutputStore };

const maxRounds = 5;

/**
 * Makes a job's outputs visible together, the manifest last, each write conditional on what it replaces.
 *
 * A round looks at what is there, then makes sure that the upload is still the newest and that this worker still
 * holds the job, then writes. Whoever writes in between makes one of the conditional writes fail, and the round is
 * begun anew: a worker whose upload was overtaken, or that lost its claim, finds that out and takes back what it had
 * written. Outputs of the run before that the new manifest does not name are deleted after it.
 *
 * Throws DependencyError `Contended` after five lost rounds, LostClaimError where another worker took the job.
 */
export const publishOutputs = async (
  job: Job,
  manifest: (outputs: ManifestOutput[]) => Manifest,
  prepared: PreparedOutput[],
  ports: PublishPorts,
): Promise<'published' | 'superseded' | 'gone'> => {
  const written: { key: string; versionId?: string }[] = [];
  const takeBack = async () => {
    for (const { key, versionId } of written) if (versionId) await ports.output.remove(key, versionId);
  };
  for (let round = 0; round < maxRounds; round++) {
    const standing = await writeRound(job, manifest, prepared, ports, written);
    if (standing === 'published') return standing;
    if (standing === 'overtaken') continue;
    await takeBack();
    return standing;
  }
  throw new DependencyError(
    `Expected to publish job ${job.id} but other writes under the same keys came first ${maxRounds} times. Try again.`,
    { code: 'Contended' },
  );
};

const writeRound = async (
  job: Job,
  manifest: (outputs: ManifestOutput[]) => Manifest,
  prepared: PreparedOutput[],
  ports: PublishPorts,
  written: { key: string; versionId?: string }[],
): Promise<'published' | 'overtaken' | 'superseded' | 'gone'> => {
  const { output } = ports;
  const replaced = await Promise.all(prepared.map(({ file }) => output.current(file.key)));
  const replacedManifest = job.manifestKey ? await output.current(job.manifestKey) : 'absent';
  const before = await namedOutputs(job, output);
  const standing = await ports.input.standing(job.upload);
  if (standing !== 'newest') return standing;
  assertStillMine(await ports.jobs.get(job.id), job);

  const writes: PreparedWrite[] = [];
  try {
    for (const { file } of prepared) writes.push(await output.prepare(file));
    const results = await Promise.all(writes.map((write, index) => write.commit(replaced[index] ?? 'absent')));
    const outputs = prepared.flatMap(({ file, described }, index) => {
      const result = results[index];
      if (result === undefined) return [];
      written.push({ key: file.key, versionId: result.versionId });
      return [{ ...described, versionId: result.versionId }];
    });
    if (outputs.length < prepared.length) return 'overtaken';
    if (job.manifestKey !== undefined) {
      const last = await output.prepare(manifestFile(job.manifestKey, manifest(outputs)));
      if ((await last.commit(replacedManifest)) === undefined) return 'overtaken';
    }
  } finally {
    for (const write of writes) await write.abort();
  }
  const names = new Set(prepared.map(({ file }) => file.key));
  for (const key of before) if (!names.has(key)) await output.remove(key);
  return 'published';
};

/** The keys that the manifest before this one names; none where there is no manifest, or none of Kadam's. */
const namedOutputs = async (job: Job, output: OutputStore): Promise<string[]> => {
  const manifest = await readManifest(job, output);
  return manifest?.outputs.map(({ key }) => key) ?? [];
};

const manifestFile = (key: string, manifest: Manifest): OutputFile => {
  const body = `${JSON.stringify(manifest, null, 2)}\n`;
  return {
    key,
    body,
    bytes: Buffer.byteLength(body),
    sha256: createHash('sha256').update(body).digest('base64'),
    contentType: 'application/json',
    cacheControl: 'no-cache',
  };
};
