import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { spanOf } from './pipeline-order.ts';
import { heldPixels } from './pixel-bytes.ts';
import { refuseAnimation } from './refuse-animation.ts';

/**
 * CPU seconds per megapixel, in 8 bits as in 16, of colour as of grey: looking for the bounds, and stretching. A
 * second thread made it 1.09 times as fast, too little to count on.
 */
const secondsPerMegapixel = { opaque: 0.055, withAlpha: 0.115 };

/** Bytes per pixel of the picture that it looks through before it begins (3.9 measured at 100 megapixels, 3.3 at 80). */
const bytesPerPixel = 3.9;

/** Stretches lightness over the whole range. */
export const normalise = defineFilter({
  name: 'normalise',
  summary: 'Stretches lightness so that the darkest parts are black and the lightest white.',
  notes: 'Refused for animations, which would flicker.',
  example: { lower: 2, upper: 98 },
  options: z
    .strictObject({
      // sharp's own bounds; it cuts off fractions.
      lower: z.int().min(0).max(99).default(1).describe('the percentage of pixels that become black'),
      upper: z
        .int()
        .min(1)
        .max(100)
        .default(99)
        .describe('the percentage of pixels above which the rest becomes white'),
    })
    .refine(({ lower, upper }) => lower < upper, {
      error: ({ input }) => `Expected lower to be less than upper but received ${JSON.stringify(input)}`,
    }),
  places: () => [spanOf('normalise')],
  isNeeded: () => true,
  resultOf: (image) => {
    refuseAnimation(image, 'normalise', 'would each be stretched by another measure and flicker');
    return image;
  },
  cost: (image) => ({
    serialSeconds: (image.hasAlpha ? secondsPerMegapixel.withAlpha : secondsPerMegapixel.opaque) * megapixels(image),
    parallelSeconds: 0,
    heldBytes: heldPixels(image, bytesPerPixel),
  }),
  apply: (pipeline, options) => pipeline.normalise(options),
});
