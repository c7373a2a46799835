import { pixelBytes } from '../filters/pixel-bytes.ts';
import type { ImageState } from '../image/image-state.ts';
import type { Traits } from '../image/traits.ts';
import { encodedBytes, intermediateBytes } from './encoded-bytes.ts';
import type { Bounded, Term } from './estimate.ts';
import type { Plan, Stage } from './plan.ts';
import { registeredFormat } from './registered.ts';

const mebibyte = 2 ** 20;

/** MiB that a worker's own process takes at most: what it keeps back from the one that renders. */
export const workerMiB = 170;

/**
 * Resident MiB before the first pixel: the worker (Node, the AWS SDK and the parts of a multipart upload) and its
 * rendering process (Node and sharp: 95 to 110 measured on a picture of one megapixel). Both count against the
 * worker's memory.
 */
const processMiB = { median: 120 + 100, upper: workerMiB + 140 };

/**
 * Rows of a picture that a streaming pipeline keeps. Measured: 44 MB at 100 megapixels (11,500 wide), and 29 to 45 MB
 * at 8,000 wide with and without a resize.
 */
const streamedRows = 1600;

/**
 * What held and streamed bytes come to at most, of what the terms say: the measured spread between dense and plain
 * content is 10 %, an allocator's fragmentation takes the rest.
 */
const heldUpperFactor = 1.5;

const streamedBytes = (picture: ImageState): number =>
  picture.width * Math.min(picture.height * picture.pages, streamedRows) * pixelBytes(picture);

/** Bytes that a stage needs beside its process. */
const stageBytes = (stage: Stage, terms: readonly Term[]): number => {
  const pictures = [stage.before, ...stage.steps.map(({ after }) => after)];
  return terms.reduce((sum, term) => sum + term.heldBytes, 0) + Math.max(...pictures.map(streamedBytes));
};

/** MiB of memory, of the whole worker: its processes and its hungriest stage. */
export const estimateMemory = (stages: readonly { stage: Stage; terms: readonly Term[] }[]): Bounded => {
  const peak = Math.max(0, ...stages.map(({ stage, terms }) => stageBytes(stage, terms))) / mebibyte;
  return { median: processMiB.median + peak, upper: processMiB.upper + heldUpperFactor * peak };
};

/** The bytes of all files that a plan writes for its recipe. */
export const outputBytes = (plan: Plan): Bounded => {
  const total = { median: 0, upper: 0 };
  for (const { after, target } of plan.stages) {
    if (target.kind !== 'output') continue;
    const bytes = encodedBytes(after, target);
    total.median += bytes.median;
    total.upper += bytes.upper;
  }
  return total;
};

/** Bytes of the page that a stage works on, as it is read and as it is written, where it has several. */
const pageBytes = ({ before, after, steps }: Stage): number =>
  before.pages === 1 || steps.length === 0
    ? 0
    : intermediateBytes({ ...before, pages: 1 }) + intermediateBytes({ ...after, pages: 1 });

/** The most bytes of intermediates that exist at once; each is deleted after the last stage that reads it. */
const intermediatePeak = (stages: readonly Stage[]): number => {
  const sizes = new Map(
    stages
      .filter(({ target }) => target.kind === 'intermediate')
      .map(({ id, after }) => [id, intermediateBytes(after)]),
  );
  const lastReader = new Map<string, number>();
  for (const [index, { input }] of stages.entries()) if (input !== 'upload') lastReader.set(input.stage, index);
  let alive = 0;
  let peak = 0;
  for (const [index, stage] of stages.entries()) {
    alive += sizes.get(stage.id) ?? 0;
    peak = Math.max(peak, alive + pageBytes(stage));
    for (const [read, last] of lastReader) if (last === index) alive -= sizes.get(read) ?? 0;
  }
  return peak;
};

/** The most bytes that a decoder of the upload keeps on disk. */
const decoderPeak = (stages: readonly Stage[], traits: Traits): number => {
  const { decodeScratchBytes } = registeredFormat(traits.format);
  const readers = stages.filter(({ input }) => input === 'upload');
  return Math.max(0, ...readers.map(({ before }) => decodeScratchBytes?.(traits, before.pages) ?? 0));
};

/** MiB of scratch space: the staged upload, what lies there while it is worked on, and every encoded file. */
export const estimateDisk = (plan: Plan, traits: Traits): Bounded => {
  const kept = traits.fileBytes + decoderPeak(plan.stages, traits) + intermediatePeak(plan.stages);
  const { median, upper } = outputBytes(plan);
  return { median: (kept + median) / mebibyte, upper: (kept + upper) / mebibyte };
};
