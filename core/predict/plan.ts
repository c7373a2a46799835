import type { ContainerFilter } from '../filters/container-filter.ts';
import type { ImageState } from '../image/image-state.ts';
import type { InputFormat } from '../image/traits.ts';
import type { Step } from '../recipe/recipe.ts';

/** A step with its filter, where that is none of Kadam's own: all that whoever works with the plan has to know of it. */
export type KnownStep = Step & { containerFilter?: ContainerFilter };

/** A step that will run, with the picture before and after it. */
export type PlannedStep = KnownStep & { before: ImageState; after: ImageState };

/** Where a stage's pixels go: a file of the recipe's, or an uncompressed file that later stages read. */
export type StageTarget =
  | { kind: 'output'; name: string; format: InputFormat; extension: string; options: Record<string, unknown> }
  | { kind: 'intermediate' };

/**
 * One sharp pipeline: read `input` (the upload itself, or the intermediate of an earlier stage, by its id), apply
 * the steps in sharp's own order, write `target`. An intermediate keeps `after.orientation` as its orientation, so that
 * a later autoOrient still knows how to turn it; it is deleted once the last stage that reads it has run.
 *
 * Where `before.pages` is more than 1, the stage either has steps, and then works through an intermediate page by page
 * into another (so that no page bleeds into the next), or it has none and reads and writes all pages in one pass.
 *
 * A step of a container is a stage of its own, from an intermediate to an intermediate: its program takes sharp's place.
 */
export type Stage = {
  /** `480w.avif` for an output's file; `prepare-1`, `480w` and the like for an intermediate. */
  id: string;
  input: 'upload' | { stage: string };
  before: ImageState;
  steps: PlannedStep[];
  after: ImageState;
  /** `keep` where every output behind this stage keeps the upload's metadata: colours then stay in its profile. */
  metadata: 'strip' | 'keep';
  target: StageTarget;
};

/** The ordered stages of one job: plain data, the same on every target. */
export type Plan = {
  stages: Stage[];
  /** Threads of every pipeline. Part of the plan because an AVIF encoder writes other bytes at another number. */
  threads: number;
  /** Whether the upload is stored in tiles: a damaged one is only noticed where it is read more strictly. */
  isTiled: boolean;
};
