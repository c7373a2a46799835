import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { onTestFinished } from 'vitest';
import { findFilter } from '../../../core/filters/registry.ts';
import { findFormat } from '../../../core/formats/registry.ts';
import type { InputFormat, Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import type { Encoding, Output, Step } from '../../../core/recipe/recipe.ts';
import type { MeasuredStage, RenderJob, RenderResult } from '../../../core/render/render-job.ts';
import { renderPlan } from '../../../core/render/render-plan.ts';

/** A folder that is gone when the test has ended. */
export const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const record = (value: unknown): Record<string, unknown> => ({ ...(value instanceof Object ? value : {}) });

/** A step with every default filled in. */
export const step = (filter: string, options: Record<string, unknown> = {}): Step => ({
  filter,
  options: record(findFilter(filter)?.options.parse(options)),
});

/** An encoding with every default filled in. */
export const encoding = (format: InputFormat, options: Record<string, unknown> = {}): Encoding => ({
  format,
  options: record(findFormat(format)?.options.parse(options)),
});

/** What the planner is told of a picture, JPEG or PNG; the format only counts for costs and shrinking. */
export const traitsOf = (changes: Partial<Traits>): Traits => ({
  format: 'png',
  width: 40,
  height: 30,
  frames: { count: 1, known: 'exact' },
  channels: 3,
  bitDepth: 8,
  hasAlpha: false,
  hasProfile: false,
  orientation: 1,
  isInterlaced: false,
  isProgressive: false,
  isCmyk: false,
  isTiled: false,
  hasEqualFrames: true,
  fileBytes: 1000,
  ...changes,
});

/** A job of one output, `out`, with these steps and formats, in a new folder below `folder`. */
export const jobOf = async (
  folder: string,
  inputPath: string,
  traits: Traits,
  { steps = [], formats = [encoding('png')], frames = 'all', metadata = 'strip' }: Partial<Omit<Output, 'name'>> = {},
): Promise<RenderJob> => {
  const workDir = await mkdtemp(join(folder, 'work-'));
  await mkdir(workDir, { recursive: true });
  const recipe = {
    name: 'test',
    description: '',
    steps: [],
    outputs: [{ name: 'out', steps, formats, frames, metadata }],
    cacheControl: '',
  };
  return { plan: buildPlan(recipe, traits, { threads: 1, containerFilters: [] }), inputPath, workDir };
};

/** Renders in this process a plan that takes no container's program. */
export const renderHere = (job: RenderJob, onStage: (stage: MeasuredStage) => void = () => {}): Promise<RenderResult> =>
  renderPlan(job, onStage, (stageId) => Promise.reject(new Error(`There is no program for ${stageId} here.`)));

/** Soft gradients, different in every direction: half a pixel more or less changes little. */
export const softPicture = (width: number, height: number): Sharp => {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
    return [x * 5, 128 + 100 * Math.sin(y / 9), 255 - y * 3 - x * 2][index % 3] ?? 0;
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
};

/** Pixels with gradients and noise, the same every time, as a pipeline that needs no loader. */
export const noisyPicture = (width: number, height: number, channels: 1 | 2 | 3 | 4 = 3): Sharp => {
  const data = Uint8Array.from({ length: width * height * channels }, (_, index) => {
    const pixel = Math.floor(index / channels);
    return (
      ((pixel % width) * 3 + Math.floor(pixel / width) * 2 + (index % channels) * 40 + ((index * 7919) % 23)) % 256
    );
  });
  return sharp(data, { raw: { width, height, channels } }).toColourspace(channels < 3 ? 'b-w' : 'srgb');
};
