import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { colour } from './colour.ts';
import { defineFilter } from './filter.ts';
import { besideColour, bringing } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels, pixelBytes } from './pixel-bytes.ts';
import type { Size } from './resize-geometry.ts';

/**
 * CPU seconds per megapixel written of 8-bit colour, three bytes a pixel: 0.0024 for a mirror image, 0.005 for the eight
 * bytes of deep alpha, and next to nothing for a background. In strips, one a thread.
 */
const secondsPerMegapixel = 0.0024;

/** sharp's own bounds. */
const side = z.int().min(0).max(100_000_000).default(0);

const options = z.strictObject({
  top: side.describe('pixels to add'),
  right: side.describe('pixels to add'),
  bottom: side.describe('pixels to add'),
  left: side.describe('pixels to add'),
  extendWith: z
    .enum(['background', 'copy', 'repeat', 'mirror'])
    .default('background')
    .describe('a colour, the outermost pixels again and again, the whole picture again, or its mirror image'),
  background: colour.default('#000000').describe('of `extendWith: background`'),
});

type Options = z.infer<typeof options>;

/** After a crop that follows a resize, sharp would extend but answer with the size that the crop had. */
const extending = spanOf('cropAfterResize', 'extend');

const extendedSize = (image: Size, { top, right, bottom, left }: Options): Size => ({
  width: image.width + left + right,
  height: image.height + top + bottom,
});

/** Adds to the picture's edges. */
export const extend = defineFilter({
  name: 'extend',
  summary: 'Adds pixels around the picture: a colour, its edges, its repetition or its mirror image.',
  example: { top: 20, right: 20, bottom: 60, left: 20, background: 'white' },
  options,
  places: (image, { extendWith, background }) => [
    extendWith === 'background' ? bringing(background, image, extending) : extending,
  ],
  isNeeded: (_, { top, right, bottom, left }) => top + right + bottom + left > 0,
  resultOf: (image, options) => ({
    ...(options.extendWith === 'background' ? besideColour(image, options.background) : image),
    ...extendedSize(image, options),
  }),
  cost: (image, options) => ({
    serialSeconds: 0,
    parallelSeconds:
      secondsPerMegapixel * (pixelBytes(image) / 3) * megapixels({ ...image, ...extendedSize(image, options) }),
    // For everything but a colour sharp copies the picture to memory, even for edges that could stream (2.8 bytes for 3
    // measured at 80 megapixels).
    heldBytes: options.extendWith === 'background' ? 0 : heldPixels(image, copyBytesPerPixel),
  }),
  apply: (pipeline, options) => pipeline.extend(options),
});
