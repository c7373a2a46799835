import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { inColour } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel, in 8 bits as in 16; it streams, in strips, one a thread. */
const secondsPerMegapixel = { opaqueColour: 0.014, alphaOrGrey: 0.019 };

type Matrix = [[number, number, number], [number, number, number], [number, number, number]];

/** What red, green and blue are made of: the matrix of the CSS filter `sepia()` (W3C, Filter Effects Module Level 1). */
const matrixOf = (amount: number): Matrix => {
  const rest = 1 - amount;
  return [
    [0.393 + 0.607 * rest, 0.769 - 0.769 * rest, 0.189 - 0.189 * rest],
    [0.349 - 0.349 * rest, 0.686 + 0.314 * rest, 0.168 - 0.168 * rest],
    [0.272 - 0.272 * rest, 0.534 - 0.534 * rest, 0.131 + 0.869 * rest],
  ];
};

/** The brown of old photographs. */
export const sepia = defineFilter({
  name: 'sepia',
  summary: 'Gives the picture the brown of old photographs, as the CSS filter of that name does.',
  notes: 'Works in 8 bits, whatever the depth of the picture.',
  example: { amount: 0.8 },
  options: z.strictObject({
    amount: z.number().min(0).max(1).default(1).describe('from 0, the picture as it is, to 1'),
  }),
  places: () => [spanOf('recomb', 'linear')],
  isNeeded: (_, { amount }) => amount > 0,
  resultOf: (image) => ({ ...inColour(image), bitDepth: Math.min(image.bitDepth, 8) }),
  cost: (image) =>
    streamedCost(image, image.channels === 3 ? secondsPerMegapixel.opaqueColour : secondsPerMegapixel.alphaOrGrey),
  apply: (pipeline, { amount }, { hasAlpha }) => {
    const channels = hasAlpha ? 4 : 1;
    // sharp's recomb leaves floating-point values behind, which a TIFF would keep and a negation mistake; its linear
    // makes whole ones of them again, of alpha only where it is given a factor of its own.
    return pipeline.recomb(matrixOf(amount)).linear(Array(channels).fill(1), Array(channels).fill(0));
  },
});
