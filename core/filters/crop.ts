import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import { noCost } from '../predict/cost.ts';
import { defineFilter } from './filter.ts';
import { placeOf } from './pipeline-order.ts';

/** sharp's own bound of coordinates and sizes. */
const largest = 100_000_000;

/** Cuts a rectangle out of the picture, in pixels from its top left corner. */
export const crop = defineFilter({
  name: 'crop',
  summary: 'Cuts out the rectangle `left`, `top`, `width`, `height`, in pixels; it must lie inside the picture.',
  options: z.strictObject({
    left: z.int().min(0).max(largest).default(0),
    top: z.int().min(0).max(largest).default(0),
    width: z.int().min(1).max(largest),
    height: z.int().min(1).max(largest),
  }),
  order: [placeOf('cropBeforeResize'), placeOf('cropAfterResize')],
  isNeeded: (image, { left, top, width, height }) =>
    left !== 0 || top !== 0 || width !== image.width || height !== image.height,
  resultOf: (image, { left, top, width, height }) => {
    if (left + width > image.width || top + height > image.height) {
      throw new InvalidInputError(
        `Expected a picture of at least ${left + width} x ${top + height} pixels for the crop of ${width} x ${height} ` +
          `at ${left}, ${top} but received ${image.width} x ${image.height}; upload a larger picture, or choose a ` +
          'recipe that resizes (with fit: cover) instead of cropping.',
        { code: 'CropOutside' },
      );
    }
    return { ...image, width, height };
  },
  // Reading only a part costs nothing beside decoding.
  cost: () => noCost,
  apply: (pipeline, options) => pipeline.extract(options),
});
