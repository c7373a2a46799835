import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CapacityError, InternalError } from '../errors.ts';
import { assertDecodable } from '../image/assert-decodable.ts';
import { fileSource } from '../image/file-source.ts';
import type { Traits } from '../image/traits.ts';
import type { Job } from '../jobs/job.ts';
import { type Measured, outputKey } from '../jobs/manifest.ts';
import type { Clock, InputStore } from '../ports.ts';
import { buildPlan } from '../predict/build-plan.ts';
import { registeredFormat } from '../predict/registered.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { renderInChild } from '../render/render-in-child.ts';
import type { RenderedOutput } from '../render/render-job.ts';
import type { PreparedOutput } from './publish-outputs.ts';

export type FilterPorts = { input: InputStore; now: Clock };

/** What the rendering may use on this worker. */
export type WorkerSettings = {
  /** Seconds that rendering may take, counted from the moment of asking. */
  secondsLeft: () => number;
  /** MiB for the rendering process alone. */
  renderMemoryMiB: number;
};

/** Encoded files that wait to be published, and what the manifest will say of the run. */
export type FilteredUpload = {
  outputs: PreparedOutput[];
  result: { checksum: string; measured: Measured };
  /** Removes the files. */
  cleanUp: () => Promise<void>;
};

/**
 * Stages an upload in a folder of its own, renders the recipe's plan in a child process, and answers the files, of
 * which nothing is visible yet. `gone` where the upload was deleted. Throws what the renderer throws.
 */
export const filterUpload = async (
  job: Job,
  recipe: Recipe,
  worker: WorkerSettings,
  ports: FilterPorts,
  signal: AbortSignal,
): Promise<FilteredUpload | 'gone'> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-'));
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  try {
    await assertRoom(folder, job);
    const began = ports.now();
    const inputPath = join(folder, 'upload');
    const workDir = join(folder, 'work');
    await mkdir(workDir);
    const downloaded = await ports.input.download(job.upload, inputPath);
    if (downloaded === undefined) {
      await cleanUp();
      return 'gone';
    }
    const traits = knownTraits(job);
    await checkStructure(inputPath, traits);
    const stagedSeconds = (ports.now() - began) / 1000;

    const plan = buildPlan(recipe, traits, { threads: job.threads });
    const rendered = await renderInChild(
      { plan, inputPath, workDir },
      { timeoutSeconds: worker.secondsLeft(), memoryMiB: worker.renderMemoryMiB, signal },
    );
    const measured: Measured = {
      seconds: (ports.now() - began) / 1000,
      stages: [{ id: 'download', seconds: stagedSeconds }, ...rendered.stages],
      peakMemoryMiB: rendered.peakMemoryMiB,
    };
    const outputs = rendered.outputs.map((output) => preparedOutput(job, recipe, output));
    return { outputs, result: { checksum: downloaded.checksum, measured }, cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
};

const knownTraits = (job: Job): Traits => {
  if (job.traits === undefined) {
    throw new InternalError(`Expected the traits of job ${job.id} in its record but there are none. Upload it again.`, {
      code: 'NoTraits',
    });
  }
  return job.traits;
};

/** Throws CapacityError `OutOfDisk` where the disk has less room than the job is expected to need at most. */
const assertRoom = async (folder: string, job: Job): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const freeMiB = (bavail * bsize) / 1024 ** 2;
  const neededMiB = job.decision.estimate?.diskMiB.upper ?? 0;
  if (freeMiB >= neededMiB) return;
  throw new CapacityError(
    `Expected ${neededMiB.toFixed(0)} MiB of free scratch space but this worker has ${freeMiB.toFixed(0)} MiB.`,
    { code: 'OutOfDisk' },
  );
};

/** What only the whole file tells, before anything is decoded. */
const checkStructure = async (path: string, traits: Traits): Promise<void> => {
  const source = await fileSource(path);
  try {
    await assertDecodable(source, traits);
  } finally {
    await source.close();
  }
};

const preparedOutput = (job: Job, recipe: Recipe, output: RenderedOutput): PreparedOutput => {
  const key = outputKey(job.upload.key, recipe.name, output.name, output.extension);
  const contentType = registeredFormat(output.format).contentType;
  const { path, bytes, sha256, width, height } = output;
  return {
    file: { key, path, bytes, sha256, contentType, cacheControl: recipe.cacheControl },
    described: { key, bytes, width, height, contentType, checksum: sha256 },
  };
};
