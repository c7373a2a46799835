import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { type Curve, interpolate } from './interpolate.ts';
import { placeOf } from './pipeline-order.ts';

/** CPU seconds per megapixel by window size, measured on one thread; it streams, in strips, one a thread. */
const secondsBySize: Curve = [
  [3, 0.11],
  [9, 0.18],
  [25, 0.23],
  [51, 0.32],
];

/** Median of a square window: removes specks and noise, keeps edges. */
export const median = defineFilter({
  name: 'median',
  summary: 'Removes specks and noise with the median of a square window of `size` pixels.',
  options: z.strictObject({
    // sharp's own bounds.
    size: z.int().min(1).max(1000).default(3),
  }),
  order: [placeOf('median')],
  isNeeded: (_, { size }) => size > 1,
  resultOf: (image) => image,
  cost: (image, { size }) => ({
    serialSeconds: 0,
    parallelSeconds: interpolate(secondsBySize, size) * megapixels(image),
    heldBytes: 0,
  }),
  apply: (pipeline, { size }) => pipeline.median(size),
});
