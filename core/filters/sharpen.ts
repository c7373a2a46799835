import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { placeOf } from './pipeline-order.ts';

/** CPU seconds per megapixel, measured on one thread; it streams, in strips, one a thread. */
const secondsPerMegapixel = 0.071;

/** sharp's own bounds of everything but sigma. */
const slope = z.number().min(0).max(1_000_000);

/** Sharpens lightness in LAB, with separate strengths for flat and jagged areas. */
export const sharpen = defineFilter({
  name: 'sharpen',
  summary: 'Sharpens lightness; `m1` is the strength in flat areas, `m2` in jagged ones.',
  options: z.strictObject({
    sigma: z.number().min(0.000001).max(10).default(1),
    m1: slope.default(1),
    m2: slope.default(2),
    x1: slope.default(2),
    y2: slope.default(10),
    y3: slope.default(20),
  }),
  order: [placeOf('sharpen')],
  isNeeded: () => true,
  resultOf: (image) => image,
  cost: (image) => ({
    serialSeconds: 0,
    parallelSeconds: secondsPerMegapixel * megapixels(image),
    heldBytes: 0,
  }),
  apply: (pipeline, options) => pipeline.sharpen(options),
});
