import type { ImageState } from '../image/image-state.ts';
import type { Step } from '../recipe/recipe.ts';
import type { PlannedStep } from './plan.ts';
import { registeredFilter } from './registered.ts';

/** The steps that change this picture, in the recipe's order, each with the picture before and after it. */
export const neededSteps = (steps: readonly Step[], start: ImageState): PlannedStep[] => {
  const planned: PlannedStep[] = [];
  let before = start;
  for (const step of steps) {
    const filter = registeredFilter(step.filter);
    if (!filter.isNeeded(before, step.options)) continue;
    const after = filter.resultOf(before, step.options);
    planned.push({ ...step, before, after });
    before = after;
  }
  return planned;
};

/** The picture after these steps. */
export const endOf = (steps: readonly PlannedStep[], start: ImageState): ImageState => steps.at(-1)?.after ?? start;

/**
 * Steps cut into sharp pipelines. sharp runs a pipeline's operations in an order of its own, so steps share one for as
 * long as their places in that order rise; taking the first place that fits gives the fewest pipelines.
 */
export const cutPipelines = (steps: readonly PlannedStep[]): PlannedStep[][] => {
  const pipelines: PlannedStep[][] = [];
  let reached = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    const { order } = registeredFilter(step.filter);
    const place = order.find((candidate) => candidate > reached);
    const current = pipelines.at(-1);
    if (place !== undefined && current !== undefined) {
      current.push(step);
      reached = place;
    } else {
      pipelines.push([step]);
      reached = order[0] ?? 0;
    }
  }
  return pipelines;
};
