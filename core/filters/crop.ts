import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import { noCost } from '../predict/cost.ts';
import { defineFilter } from './filter.ts';
import { inSize } from './in-size.ts';
import { spanOf } from './pipeline-order.ts';
import { placedAt, position } from './position.ts';
import type { Size } from './resize-geometry.ts';

/** sharp's own bound of coordinates and sizes. */
const largest = 100_000_000;

const options = z
  .strictObject({
    width: z.int().min(1).max(largest).describe('in pixels'),
    height: z.int().min(1).max(largest).describe('in pixels'),
    left: z.int().min(0).max(largest).optional().describe('pixels from the left edge; 0 where no `position` is given'),
    top: z.int().min(0).max(largest).optional().describe('pixels from the top edge; 0 where no `position` is given'),
    position: position
      .optional()
      .describe('instead of `left` and `top`; of an odd rest, the greater half is cut off at the left and the top'),
  })
  .refine(({ left, top, position }) => position === undefined || (left ?? top) === undefined, {
    error: 'Expected left and top or a position but received both',
  })
  .transform(({ left, top, position, ...size }) =>
    position === undefined ? { left: left ?? 0, top: top ?? 0, ...size } : { position, ...size },
  );

type Options = z.infer<typeof options>;

/** Where the rectangle begins, in pixels from the left and the top of a picture. */
const offsetIn = (image: Size, options: Options): { left: number; top: number } =>
  'position' in options ? placedAt(options.position, image, options) : options;

/** The smallest picture that the rectangle lies in. */
const neededSize = (options: Options): Size => {
  const { left, top } = 'position' in options ? { left: 0, top: 0 } : options;
  return { width: options.width + left, height: options.height + top };
};

/** Cuts a rectangle out of the picture, in pixels from its top left corner or at one of resize's positions. */
export const crop = defineFilter({
  name: 'crop',
  summary: 'Cuts out a rectangle, at `left` and `top` or at a `position`; it must lie inside the picture.',
  notes:
    'An upload that is too small is rejected. To get a fixed size from pictures of any size, use `resize` with ' +
    '`fit: cover`.',
  example: { width: 600, height: 400, position: 'right top' },
  options,
  places: () => [spanOf('cropBeforeResize'), spanOf('cropAfterResize')],
  isNeeded: (image, options) => {
    const { left, top } = offsetIn(image, options);
    return left !== 0 || top !== 0 || options.width !== image.width || options.height !== image.height;
  },
  resultOf: (image, options) => {
    const needed = neededSize(options);
    if (needed.width > image.width || needed.height > image.height) {
      const at = 'position' in options ? options.position : `${options.left}, ${options.top}`;
      throw new InvalidInputError(
        `Expected a picture of at least ${needed.width} x ${needed.height} pixels for the crop of ` +
          `${options.width} x ${options.height} at ${at} but received ${image.width} x ${image.height}; upload a larger ` +
          'picture, or choose a recipe that resizes (with fit: cover) instead of cropping.',
        { code: 'CropOutside' },
      );
    }
    return inSize(image, options);
  },
  // Reading only a part costs nothing beside decoding.
  cost: () => noCost,
  apply: (pipeline, options, image) => {
    const { width, height } = options;
    return pipeline.extract({ ...offsetIn(image, options), width, height });
  },
});
