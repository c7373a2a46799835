import { InvalidInputError } from '../errors.ts';
import type { ImageState } from '../image/image-state.ts';
import type { KnownStep, PlannedStep } from './plan.ts';
import { filterOf } from './registered.ts';

/** Pixels a side that no step makes a picture longer than: beyond some tens of millions libvips fails in many ways. */
const longestSide = 1_000_000;

const assertSides = (name: string, { width, height }: ImageState, before: ImageState): void => {
  const longest = Math.max(width, height);
  if (longest <= Math.max(longestSide, before.width, before.height)) return;
  throw new InvalidInputError(
    `Expected at most ${longestSide} pixels a side after ${name} but it would make ${width} x ${height}. ` +
      'Ask for a recipe that makes smaller pictures.',
    { code: 'TooLarge' },
  );
};

/**
 * The steps that change this picture, in the recipe's order, each with the picture before and after it. Where only
 * bounds of its size are known, whether a step changes it is only known later, and none is left out.
 * Throws InvalidInputError where a step cannot be applied.
 */
export const neededSteps = (steps: readonly KnownStep[], start: ImageState): PlannedStep[] => {
  const planned: PlannedStep[] = [];
  let before = start;
  for (const { filter: name, options, containerFilter } of steps) {
    const filter = filterOf({ filter: name, containerFilter });
    if (!before.isAtMost && !filter.isNeeded(before, options)) continue;
    const after = filter.resultOf(before, options);
    assertSides(name, after, before);
    planned.push({ filter: name, options, ...(containerFilter && { containerFilter }), before, after });
    before = after;
  }
  return planned;
};

/** The picture after these steps. */
export const endOf = (steps: readonly PlannedStep[], start: ImageState): ImageState => steps.at(-1)?.after ?? start;

/** Where a step stands in sharp's order when a pipeline has come to `reached`; undefined where it cannot go on. */
const placeAfter = (step: PlannedStep, reached: number) =>
  filterOf(step)
    .places(step.before, step.options)
    .find(({ from }) => from > reached);

/** How far in sharp's order these steps of one pipeline come: -1 for none. */
export const reachOf = (pipeline: readonly PlannedStep[]): number =>
  pipeline.reduce((reached, step) => placeAfter(step, reached)?.to ?? reached, -1);

/**
 * Steps cut into sharp pipelines. sharp runs a pipeline's operations in an order of its own, so steps share one for as
 * long as their places in that order rise; taking the first place that fits gives the fewest pipelines.
 */
export const cutPipelines = (steps: readonly PlannedStep[]): PlannedStep[][] => {
  const pipelines: PlannedStep[][] = [];
  for (const step of steps) {
    const current = pipelines.at(-1);
    if (current !== undefined && placeAfter(step, reachOf(current)) !== undefined) current.push(step);
    else pipelines.push([step]);
  }
  return pipelines;
};
