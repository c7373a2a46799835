import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { turning } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels, pixelBytes } from './pixel-bytes.ts';

/** CPU seconds per megapixel of 8-bit colour, three bytes a pixel; 0.0016, and 0.0037 for the eight of deep alpha. */
const secondsPerMegapixel = 0.002;

/** Mirrors the picture top to bottom. */
export const flip = defineFilter({
  name: 'flip',
  summary: 'Mirrors the picture, so that its top is at the bottom.',
  example: {},
  options: z.strictObject({}),
  places: () => [turning],
  isNeeded: ({ height }) => height > 1,
  resultOf: (image) => image,
  cost: (image) => ({
    serialSeconds: 0,
    parallelSeconds: secondsPerMegapixel * (pixelBytes(image) / 3) * megapixels(image),
    // sharp reads the picture from memory (2.7 bytes for 3 measured at 80 megapixels).
    heldBytes: heldPixels(image, copyBytesPerPixel),
  }),
  apply: (pipeline) => pipeline.flip(),
});
