import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldEncoded } from '../filters/pixel-bytes.ts';
import { megapixels } from '../image/traits.ts';
import { animationOptions, timingOf } from './animation-options.ts';
import { defineFormat } from './format.ts';

/** CPU seconds per megapixel; decoder and encoder have one thread. */
const decodeSeconds = 0.012;

/** Of giving every pixel a colour of the palette, whatever the effort (measured: 0.3 to 0.42). */
const encodeSeconds = 0.42;

/**
 * CPU seconds of finding a palette for a frame of a megapixel, by effort. They grow with the square root of a frame's
 * size, since larger ones repeat their colours. Measured on photographs, seconds a frame of 0.24 / 12 / 48 megapixels
 * with everything: effort 1 0.1 / 3.6 / -, effort 7 0.8 / 10.7 / 17.5, effort 10 - / 17.4 / -.
 */
const paletteSecondsByEffort: Curve = [
  [1, 0.02],
  [4, 0.1],
  [7, 1.3],
  [10, 3.6],
];

/** Bytes per pixel of one frame: the decoder's canvas, beside the file; and what the encoder held of 12 and 48 megapixels. */
const decodeBytes = 4;
const encodeBytes = 12.4;

const options = z.strictObject({
  colours: z.int().min(2).max(256).default(256).describe('the most colours of a frame'),
  effort: z.int().min(1).max(10).default(7).describe('how long to look for the best palette'),
  dither: z.number().min(0).max(1).default(1).describe('how strongly missing colours are mixed from others'),
  interFrameMaxError: z
    .number()
    .min(0)
    .max(32)
    .default(0)
    .describe('by how much a pixel may change between frames and still be stored as unchanged'),
  interPaletteMaxError: z
    .number()
    .min(0)
    .max(256)
    .default(3)
    .describe("by how much a frame's colours may differ from the palette before it gets one of its own"),
  progressive: z.boolean().default(false).describe('store rows interlaced'),
  keepDuplicateFrames: z.boolean().default(false).describe('store equal frames again, instead of showing one longer'),
  ...animationOptions,
});

/**
 * GIF. The palette is always worked out from the pixels: an upload's own would not fit them any more once they are
 * filtered, and for pixels of at most 256 colours a frame the new one is exact (which sharp's reuse of it is not).
 */
export const gif = defineFormat({
  name: 'gif',
  extension: 'gif',
  contentType: 'image/gif',
  summary: 'GIF: animations for every viewer; 256 colours a frame, and pixels wholly transparent or not at all.',
  notes: 'An animated WebP with the same frames is a fraction of its size.',
  example: { effort: 4, colours: 64 },
  options,
  holds: () => ['animation'],
  colours: [],
  // 16 bits in the screen descriptor.
  maxDimension: 65_535,
  holdsAlpha: () => true,
  bitDepth: () => 8,
  isLossless: () => false,
  decodeCost: (traits, frames) => ({
    serialSeconds: decodeSeconds * megapixels(traits) * frames,
    parallelSeconds: 0,
    heldBytes: traits.width * traits.height * decodeBytes + traits.fileBytes,
  }),
  encodeCost: (image, { effort }) => ({
    serialSeconds:
      encodeSeconds * megapixels(image) +
      interpolate(paletteSecondsByEffort, effort) * Math.sqrt(megapixels({ ...image, pages: 1 })) * image.pages,
    parallelSeconds: 0,
    heldBytes: heldEncoded(image, encodeBytes),
  }),
  encode: (pipeline, { loop, delay, ...gif }, picture) =>
    pipeline.gif({ ...gif, reuse: false, ...timingOf({ loop, delay }, picture) }),
});
