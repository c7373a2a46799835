import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writerOf } from '../jobs/identity.ts';
import type { Job } from '../jobs/job.ts';
import { type Measured, outputKey } from '../jobs/manifest.ts';
import type { Clock } from '../ports.ts';
import { registeredFormat } from '../predict/registered.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { renderInChild } from '../render/render-in-child.ts';
import type { RenderedOutput } from '../render/render-job.ts';
import type { InspectedUpload } from './inspect-upload.ts';
import type { PreparedOutput } from './publish-outputs.ts';
import type { Worker } from './run-job.ts';
import type { StagedUpload } from './stage-upload.ts';

/** Encoded files beside the staged upload, of which nothing is visible yet, and what the run took. */
export type RenderedUpload = { outputs: PreparedOutput[]; measured: Measured };

/** Renders an inspected job's plan in a child process. Throws what the renderer throws. */
export const renderUpload = async (
  { job, plan }: InspectedUpload,
  recipe: Recipe,
  staged: StagedUpload,
  worker: Pick<Worker, 'secondsLeft' | 'renderMemoryMiB' | 'dollars'>,
  now: Clock,
  signal: AbortSignal,
): Promise<RenderedUpload> => {
  const began = now();
  const workDir = join(staged.folder, 'work');
  await mkdir(workDir);
  const rendered = await renderInChild(
    { plan, inputPath: staged.path, workDir },
    { timeoutSeconds: worker.secondsLeft(), memoryMiB: worker.renderMemoryMiB, signal },
  );
  const seconds = staged.seconds + (now() - began) / 1000;
  const measured: Measured = {
    seconds,
    dollars: worker.dollars(seconds),
    stages: [{ id: 'download', seconds: staged.seconds }, ...rendered.stages],
    peakMemoryMiB: rendered.peakMemoryMiB,
  };
  return { outputs: rendered.outputs.map((output) => preparedOutput(job, recipe, output)), measured };
};

const preparedOutput = (job: Job, recipe: Recipe, output: RenderedOutput): PreparedOutput => {
  const key = outputKey(job.upload.key, recipe.name, output.name, output.extension);
  const { contentType } = registeredFormat(output.format);
  const { path, bytes, sha256, width, height, pages } = output;
  return {
    file: { key, path, bytes, sha256, contentType, cacheControl: recipe.cacheControl, writer: writerOf(job) },
    described: { key, bytes, width, height, pages, contentType, checksum: sha256 },
  };
};
