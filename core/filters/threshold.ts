import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { inGrey } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel, in 8 bits as in 16 (grey 0.0023); it streams, in strips, one a thread. */
const secondsPerMegapixel = { opaque: 0.0075, withAlpha: 0.0195 };

/**
 * Black and white, and nothing between.
 *
 * sharp's own threshold treats alpha like a colour, and looks at colours that were multiplied by it. A line steep
 * enough comes to the same, and leaves alpha alone: 255 times a grey value, less 255 times the one below the threshold.
 */
export const threshold = defineFilter({
  name: 'threshold',
  summary: 'Makes everything white that is at least as light as the `threshold`, and the rest black.',
  notes: 'Transparency stays as it is.',
  example: { threshold: 110 },
  options: z.strictObject({
    threshold: z.int().min(1).max(255).default(128).describe('the darkest shade of grey that becomes white'),
  }),
  places: () => [spanOf('grayscale', 'linear')],
  isNeeded: () => true,
  resultOf: (image) => ({ ...inGrey(image), bitDepth: Math.min(image.bitDepth, 8) }),
  cost: (image) => streamedCost(image, secondsPerMegapixel),
  apply: (pipeline, { threshold }) => pipeline.grayscale().linear(255, -255 * (threshold - 1)),
});
