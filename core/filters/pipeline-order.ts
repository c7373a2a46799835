/**
 * sharp's own order of operations, whatever the order of the calls (sharp 0.35.5, src/pipeline.cc,
 * `PipelineWorker::Execute`), with only the places that Kadam's filters take. A pipeline may use each place once, in
 * this order; a recipe that goes back starts a new pipeline.
 *
 * - `autoOrient` turns the picture before the first crop when it is called before it (`orientBefore`), and after the
 *   scaling otherwise; then sharp swaps the scaling's target sizes, so it always acts as if it came first.
 * - `extract` is one of two operations: before the scaling (`cropBeforeResize`) where neither a resize nor another
 *   extract was called yet, after it (`cropAfterResize`) otherwise. Where no resize is called the two differ in
 *   nothing but their place: what may stand between them in one pipeline looks at one pixel at a time.
 * - `flatten` comes before the scaling, so 'resize, then flatten' takes two pipelines.
 * - `gamma` is two operations, which darken before the scaling and brighten after everything that premultiplies alpha.
 * - `flip`, `flop` and `rotate` stand between a resize's scaling and its crop, or before everything, depending on which
 *   calls follow: they share no pipeline with a resize, nor with a crop that follows (`turning`).
 * - From the scaling to `sharpen` sharp multiplies colours by alpha where a resize, a blur, a convolution or a
 *   sharpening is among the operations.
 * - `composite` is where formats without transparency lay a picture on their background.
 */
export const pipelineOrder = [
  'trim',
  'autoOrient',
  'cropBeforeResize',
  'flatten',
  'gammaBefore',
  'grayscale',
  'resize',
  'cropAfterResize',
  'extend',
  'median',
  'blur',
  'convolve',
  'recomb',
  'modulate',
  'sharpen',
  'composite',
  'gammaAfter',
  'linear',
  'normalise',
  'tint',
  'negate',
] as const;

/** One of sharp's operations. */
export type Operation = (typeof pipelineOrder)[number];

/** The place of an operation in sharp's order, counted from 0. */
export const placeOf = (operation: Operation): number => pipelineOrder.indexOf(operation);

/**
 * Where a filter may stand in a pipeline: everything before it at places before `from`, everything after it at places
 * after `to`.
 */
export type Span = { from: number; to: number };

/** The span of a filter that shares its pipeline with nothing from one operation to another, both included. */
export const spanOf = (from: Operation, to: Operation = from): Span => ({ from: placeOf(from), to: placeOf(to) });

/** Where mirroring and turning stand. */
export const turning: Span = spanOf('resize', 'cropAfterResize');
