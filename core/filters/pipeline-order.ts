/**
 * sharp's own order of operations, whatever the order of the calls (sharp 0.35.5, src/pipeline.cc,
 * `PipelineWorker::Execute`), with only the places that Kadam's filters take. A pipeline may use each place once, in
 * this order; a recipe that goes back starts a new pipeline.
 *
 * - `autoOrient` turns the picture before the first crop when it is called before it (`orientBefore`), and after the
 *   scaling otherwise; then sharp swaps the scaling's target sizes, so it always acts as if it came first.
 * - `extract` is one of two operations: before the scaling (`cropBeforeResize`) where neither a resize nor another
 *   extract was called yet, after it (`cropAfterResize`) otherwise. Where no resize is called the two differ in
 *   nothing but their place: flattening, the only one between them, looks at one pixel at a time.
 * - `flatten` comes before the scaling, so 'resize, then flatten' takes two pipelines.
 */
export const pipelineOrder = [
  'autoOrient',
  'cropBeforeResize',
  'flatten',
  'resize',
  'cropAfterResize',
  'median',
  'blur',
  'sharpen',
] as const;

/** The place of an operation in sharp's order, counted from 0. */
export const placeOf = (operation: (typeof pipelineOrder)[number]): number => pipelineOrder.indexOf(operation);
