import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import { defineFilter } from './filter.ts';
import { type Curve, interpolate } from './interpolate.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/**
 * CPU seconds per megapixel of colour by the side of the kernel, in 8 bits as in 16 (of grey a third); it streams, in
 * strips, one a thread.
 */
const secondsBySide: Curve = [
  [3, 0.02],
  [5, 0.044],
  [9, 0.143],
  [15, 0.465],
];

/** Multiplying by alpha and dividing again, beside the fourth channel: 0.031, 0.062, 0.2 and 0.62 for these sides. */
const alphaFactor = 1.12;

/** sharp takes up to 1001; a recipe is no place for a million numbers, and `blur` is faster for wide ones. */
const largestSide = 15;

const options = z
  .strictObject({
    kernel: z
      .array(z.array(z.number()).min(3).max(largestSide))
      .min(3)
      .max(largestSide)
      .meta({ title: 'lists of numbers' })
      .describe(`3 to ${largestSide} rows of as many numbers, an odd number of them`),
    scale: z
      .int()
      .min(1)
      .optional()
      .describe('the sums are divided by it; the sum of the kernel, at least 1, if left out'),
    offset: z.int().min(-255).max(255).default(0).describe('added at the end, in values from 0 to 255'),
  })
  .refine(({ kernel }) => kernel.length % 2 === 1 && kernel.every((row) => row.length === kernel.length), {
    error: 'Expected a kernel of as many rows as columns, an odd number of them',
    path: ['kernel'],
  });

type Options = z.infer<typeof options>;

const sumOf = ({ kernel }: Options): number => kernel.flat().reduce((sum, weight) => sum + weight, 0);

/** Whether alpha comes out as it went in wherever it is even; else an opaque picture would become transparent. */
const keepsEvenValues = (options: Options): boolean => {
  const scale = options.scale ?? Math.max(1, sumOf(options));
  return Math.abs(sumOf(options) - scale) < 1e-6 && options.offset === 0;
};

/** A filter of the user's own: every pixel becomes the weighted sum of its neighbours. */
export const convolve = defineFilter({
  name: 'convolve',
  summary: 'Makes every pixel the sum of its neighbours, weighted by a square `kernel`.',
  notes:
    'Transparency is convolved like the colours, so only a kernel that keeps even areas as they are (its sum is its ' +
    'scale, no offset) takes pictures that have any; put `flatten` before another one.',
  example: {
    kernel: [
      [0, -1, 0],
      [-1, 5, -1],
      [0, -1, 0],
    ],
  },
  options,
  places: () => [spanOf('convolve', 'linear')],
  isNeeded: () => true,
  resultOf: (image, options) => {
    if (image.hasAlpha && !keepsEvenValues(options)) {
      throw new InvalidInputError(
        'Expected an opaque picture for a convolution whose kernel does not add up to its scale, or that adds an ' +
          'offset, but received one with transparency, which would vanish or cover everything. Upload an opaque ' +
          'picture, or ask for a recipe that says `flatten` before `convolve`.',
        { code: 'AlphaNotSupported' },
      );
    }
    return image;
  },
  cost: (image, { kernel }) => {
    const ofChannels = interpolate(secondsBySide, kernel.length) * (image.channels / 3);
    return streamedCost(image, { opaque: ofChannels, withAlpha: ofChannels * alphaFactor });
  },
  apply: (pipeline, { kernel, scale, offset }, { bitDepth }) =>
    pipeline
      .convolve({
        width: kernel.length,
        height: kernel.length,
        kernel: kernel.flat(),
        scale,
        // sharp adds to the values as they are stored.
        offset: bitDepth > 8 ? offset * 257 : offset,
      })
      // sharp's convolution leaves floating-point values behind, which a TIFF would keep and a negation mistake; its
      // linear makes whole ones of them again.
      .linear(1, 0),
});
