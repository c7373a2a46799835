import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/**
 * CPU seconds per megapixel: too little to measure beside reading and writing, but where alpha is taken away and put
 * back (0.002, and 0.0045 in 16 bits). It streams, in strips, one a thread.
 */
const secondsPerMegapixel = { opaque: 0.001, withAlpha: 0.0045 };

/** Turns light into dark and colours into their opposites. */
export const negate = defineFilter({
  name: 'negate',
  summary: 'Makes a negative: light becomes dark, and every colour its opposite.',
  example: {},
  options: z.strictObject({
    // sharp's own default would make opaque pictures with an alpha channel vanish.
    alpha: z.boolean().default(false).describe('whether opaque parts become transparent and transparent ones opaque'),
  }),
  places: () => [spanOf('negate')],
  isNeeded: () => true,
  resultOf: (image) => image,
  cost: (image) => streamedCost(image, secondsPerMegapixel),
  apply: (pipeline, { alpha }) => pipeline.negate({ alpha }),
});
