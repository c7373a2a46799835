import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ImageState } from '../image/image-state.ts';
import type { Stage } from '../predict/plan.ts';
import type { MeasuredStage, RenderedOutput, RenderJob, RenderResult } from './render-job.ts';
import type { Rendered } from './render-picture.ts';
import { renderStage } from './render-stage.ts';
import { configureSharp, openPicture } from './sharp-setup.ts';
import { spentIntermediates, stagePath, stageSource } from './stage-files.ts';
import type { ProgramUsage } from './start-program.ts';
import { uploadContext } from './upload-context.ts';

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64');
};

/** How many frames a file has: encoders leave out those that are like the one before. */
const writtenPages = async (path: string, { width, height, pages }: ImageState): Promise<number> => {
  const picture = openPicture({ kind: 'intermediate', path, width, height, pages, isTiled: false });
  return (await picture.metadata()).pages ?? 1;
};

const renderedOutput = async (
  job: RenderJob,
  { id, after, target }: Stage,
  { width, height }: Rendered,
): Promise<RenderedOutput[]> => {
  if (target.kind === 'intermediate') return [];
  const path = stagePath(job, id);
  const [{ size: bytes }, sha256] = await Promise.all([stat(path), sha256Of(path)]);
  const { name, format, extension } = target;
  const pages = after.pages > 1 ? await writtenPages(path, after) : 1;
  return [{ name, format, extension, path, bytes, width, height, pages, sha256 }];
};

const measured = async <Result>(
  id: string,
  programs: ProgramUsage,
  work: () => Promise<Result>,
): Promise<[Result, MeasuredStage]> => {
  const cpuBefore = process.cpuUsage();
  const programsBefore = programs.cpuSeconds;
  const began = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1e6 + programs.cpuSeconds - programsBefore;
  return [result, { id, seconds: (performance.now() - began) / 1000, cpuSeconds }];
};

/**
 * Runs a plan's stages in order in this process, and answers the encoded files in the plan's order. Intermediates are
 * deleted as soon as no later stage reads them. `onStage` hears of each stage as it ends, `runProgram` runs the program
 * of one that a container takes.
 *
 * It configures sharp for the whole process and decodes a stranger's file in it: workers use `renderInChild`.
 * Throws InvalidInputError (`CorruptImage`), CapacityError (`OutOfDisk`, `OutOfMemory`) or InternalError.
 */
export const renderPlan = async (
  job: RenderJob,
  onStage: (stage: MeasuredStage) => void,
  runProgram: (stageId: string) => Promise<ProgramUsage>,
): Promise<RenderResult> => {
  const { stages, threads } = job.plan;
  configureSharp(threads);
  const context = await uploadContext(job);
  const outputs: RenderedOutput[] = [];
  const measurements: MeasuredStage[] = [];
  const programs: ProgramUsage = { cpuSeconds: 0 };
  const countedProgram = async (stageId: string): Promise<void> => {
    programs.cpuSeconds += (await runProgram(stageId)).cpuSeconds;
  };
  for (const [index, stage] of stages.entries()) {
    const [rendered, measurement] = await measured(stage.id, programs, () =>
      renderStage(stage, stageSource(job, stage), stagePath(job, stage.id), context, countedProgram),
    );
    outputs.push(...(await renderedOutput(job, stage, rendered)));
    for (const id of spentIntermediates(stages, index)) await rm(stagePath(job, id), { force: true });
    measurements.push(measurement);
    onStage(measurement);
  }
  // maxRSS is in KiB on every platform.
  return { outputs, stages: measurements, peakMemoryMiB: process.resourceUsage().maxRSS / 1024 };
};
