import { placeOf } from '../filters/pipeline-order.ts';
import type { ImageState } from '../image/image-state.ts';
import type { InputFormat, Traits } from '../image/traits.ts';
import type { PlannedStep, Stage } from './plan.ts';
import { filterOf } from './registered.ts';

/**
 * How far a decoder shrinks a picture by itself because a resize follows: sharp asks it to where nothing crops before
 * the resize (0.35.5, src/pipeline.cc, `shouldPreShrink`). `factor` is linear, 1 where it does not.
 */
export type ShrinkOnLoad = { factor: number; secondsShare: number };

const none: ShrinkOnLoad = { factor: 1, secondsShare: 1 };

/**
 * Without its fast shrinking, sharp shrinks a JPEG by 2, 4 or 8 where at least twice as much is asked for, and nothing
 * else: below a ratio of 4 it does not shrink yet, and a quarter of the ratio is reached at least.
 */
const factorOf = (format: InputFormat, ratio: number): number =>
  format === 'jpeg' ? Math.max(1, Math.min(8, ratio / 4)) : 1;

/**
 * The share of a full decode that is left. Reading the codes stays, reconstructing pixels falls away. Measured on 48
 * megapixels, CPU seconds of a whole decode / shrunk by 2 / by 4 / by 8, in thousandths: baseline JPEG 245 / 110 / 97 /
 * 74, progressive JPEG 505 / 363 / 342 / 340. A progressive JPEG holds its coefficients whatever its size.
 */
const secondsShareOf = (traits: Traits, factor: number): number =>
  traits.isProgressive ? 0.68 + 0.32 / factor ** 2 : 0.35 + 0.65 / factor ** 2;

const firstResize = (stage: Stage): PlannedStep | undefined => {
  const index = stage.steps.findIndex(({ filter }) => filter === 'resize');
  const isCroppedBefore = stage.steps.slice(0, Math.max(index, 0)).some(({ filter }) => filter === 'crop');
  return index === -1 || isCroppedBefore ? undefined : stage.steps[index];
};

/** What shrinking on load saves this stage. Where it reads an intermediate: nothing. */
export const shrinkOnLoad = (stage: Stage, traits: Traits): ShrinkOnLoad => {
  const resize = stage.input === 'upload' ? firstResize(stage) : undefined;
  if (!resize) return none;
  const { before, after } = resize;
  const factor = factorOf(traits.format, Math.min(before.width / after.width, before.height / after.height));
  if (factor === 1) return none;
  return { factor, secondsShare: secondsShareOf(traits, factor) };
};

/**
 * The picture that a step really works on. Up to its resize, a pipeline has the shrunk picture; and sharp turns a
 * picture after scaling it where the two share a pipeline without a crop between them.
 */
export const workedOn = (stage: Stage, step: PlannedStep, { factor }: ShrinkOnLoad): ImageState => {
  const resize = firstResize(stage);
  const places = filterOf(step).places(step.before, step.options);
  if (resize === undefined || places.some(({ from }) => from > placeOf('resize'))) return step.before;
  if (step.filter === 'autoOrient') return { ...resize.after, orientation: step.before.orientation };
  const { width, height } = step.before;
  return { ...step.before, width: Math.ceil(width / factor), height: Math.ceil(height / factor) };
};
