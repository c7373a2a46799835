import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { spanOf } from './pipeline-order.ts';
import { pixelBytes } from './pixel-bytes.ts';
import { streamedCost } from './streamed-cost.ts';

/**
 * CPU seconds per megapixel; it streams, in strips, one a thread. Measured: 0.003 in 8 bits and 0.002 in 16; where alpha
 * is taken away and put back, 0.007 for four bytes a pixel and 0.012 for eight.
 */
const secondsPerMegapixel = 0.003;
const secondsPerByteWithAlpha = 0.00175;

/**
 * Brightens or darkens middle tones, and leaves black and white where they are.
 *
 * sharp's gamma is made to be called around a resize: it darkens before the scaling and brightens after it, each by 1
 * to 3. One of the two at 1 leaves a filter like every other.
 */
export const gamma = defineFilter({
  name: 'gamma',
  summary: 'Brightens middle tones with a `gamma` above 1, darkens them below; black and white stay.',
  notes:
    'Scaling down in linear light keeps fine bright detail (in 8 bits at the expense of shadows): ' +
    '`gamma: { gamma: 0.4545 }`, then `resize`, then `gamma: { gamma: 2.2 }`.',
  example: { gamma: 1.4 },
  options: z.strictObject({
    // sharp's own bounds: 1 to 3, each way.
    gamma: z
      .number()
      .min(0.34)
      .max(3)
      .default(2.2)
      .describe('the tone `t` (0 to 1) becomes `t` to the power of 1 / `gamma`'),
  }),
  places: (_, { gamma }) => (gamma < 1 ? [spanOf('gammaBefore', 'gammaAfter')] : [spanOf('gammaAfter')]),
  isNeeded: (_, { gamma }) => gamma !== 1,
  resultOf: (image) => image,
  cost: (image) =>
    streamedCost(image, { opaque: secondsPerMegapixel, withAlpha: secondsPerByteWithAlpha * pixelBytes(image) }),
  apply: (pipeline, { gamma }) => (gamma < 1 ? pipeline.gamma(1 / gamma, 1) : pipeline.gamma(1, gamma)),
});
