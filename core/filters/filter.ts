import type { Sharp } from 'sharp';
import type { ZodType } from 'zod';
import type { ImageState } from '../image/image-state.ts';
import type { Cost } from '../predict/cost.ts';
import type { Span } from './pipeline-order.ts';

/**
 * One filter: everything Kadam knows about an operation on pixels, in one file.
 *
 * sharp runs the operations of one pipeline in an order of its own, whatever the order of the calls. `places` names
 * those where this filter may stand in that order (most have one; crop can run before or after resize). The
 * planner starts a new pipeline where a recipe's order and sharp's differ, so that recipes mean what they say.
 *
 * Where `image.isAtMost`, the real picture may be smaller: `resultOf` answers what is at most left of it and refuses
 * only what no smaller picture could mend, and every step is judged again once the real size is known.
 */
export type Filter<Options = unknown> = {
  /** The name in recipes, camelCase as in sharp: `autoOrient`. */
  name: string;
  /** One line for the reference table in docs/recipes.md. */
  summary: string;
  /** What the reference says beyond that line: Markdown, a few sentences. */
  notes?: string;
  /** Options as a person would write them, for the reference. */
  example: Readonly<Record<string, unknown>>;
  /** The options' schema: strict (unknown keys are refused), described, with every default filled in. */
  options: ZodType<Options>;
  /** Ascending places in sharp's own order of operations (pipeline-order.ts); one pipeline uses each place once. */
  places(image: ImageState, options: Options): readonly Span[];
  /** False where the filter would change nothing: the planner leaves the step out. */
  isNeeded(image: ImageState, options: Options): boolean;
  /** The picture after the filter, exactly as sharp makes it. Throws InvalidInputError where it cannot apply. */
  resultOf(image: ImageState, options: Options): ImageState;
  /** The cost of applying the filter to this picture. */
  cost(image: ImageState, options: Options): Cost;
  /** Adds the operation to a sharp pipeline and returns it; `image` is the picture before the filter. */
  apply(pipeline: Sharp, options: Options, image: ImageState): Sharp;
};

/**
 * Declares a filter, inferring its options' type from the schema. A `Filter<ItsOptions>` is also a plain `Filter`: the
 * registry's users hand it options as `unknown`, and only ones that its own schema has accepted.
 */
export const defineFilter = <Options>(filter: Filter<Options>): Filter<Options> => filter;
