import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import { defineFilter } from './filter.ts';
import { type Curve, interpolate } from './interpolate.ts';
import { onStraightAlpha } from './on-straight-alpha.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel by window size, one thread. */
const secondsBySize: Curve = [
  [3, 0.11],
  [9, 0.18],
  [25, 0.23],
  [51, 0.32],
  [201, 0.9],
  [399, 2.4],
];

/** Above 8 bits libvips sorts each window instead of counting it: 0.95 for 5, 2.2 for 9, 14 for 25. */
const wideSecondsPerWindowPixel = 0.03;

/** Median of a square window: removes specks and noise, keeps edges. */
export const median = defineFilter({
  name: 'median',
  summary: 'Removes specks and noise with the median of a square window of `size` pixels.',
  notes:
    'The slowest of the filters: its time grows with the picture and with the window. A picture smaller than the window ' +
    'is rejected.',
  example: { size: 5 },
  options: z.strictObject({
    // sharp's own bounds.
    size: z.int().min(1).max(1000).default(3).describe('the side of the window, in pixels'),
  }),
  places: (image) => [onStraightAlpha(image, 'median')],
  isNeeded: (_, { size }) => size > 1,
  resultOf: (image, { size }) => {
    if (Math.min(image.width, image.height) < size) {
      throw new InvalidInputError(
        `Expected a picture of at least ${size} x ${size} pixels for the median of ${size} but received ` +
          `${image.width} x ${image.height}; upload a larger picture, or choose a recipe with a smaller median.`,
        { code: 'PictureTooSmall' },
      );
    }
    return image;
  },
  cost: (image, { size }) =>
    streamedCost(
      image,
      (image.bitDepth > 8 ? wideSecondsPerWindowPixel * size ** 2 : interpolate(secondsBySize, size)) *
        Math.max(1, image.channels / 3),
    ),
  apply: (pipeline, { size }) => pipeline.median(size),
});
