import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldPixels, pixelBytes } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel of 8-bit colour, measured on one thread; decoder and encoder have one. */
const decodeSeconds = 0.008;
const encodeSecondsByLevel: Curve = [
  [0, 0.01],
  [6, 0.037],
  [9, 0.054],
];
const adaptiveSeconds = 0.36;
const paletteSeconds = 0.56;

/** Bytes per pixel held, measured at 100 megapixels. */
const interlacedDecodeBytes = 3.1;
const paletteBytes = 4.9;
const progressiveBytes = 3.1;

const paletteOptions = ['colours', 'quality', 'effort', 'dither'] as const;

const options = z
  .strictObject({
    compressionLevel: z.int().min(0).max(9).default(6),
    adaptiveFiltering: z.boolean().default(false),
    progressive: z.boolean().default(false),
    palette: z.boolean().default(false),
    colours: z.int().min(2).max(256).optional(),
    quality: z.int().min(0).max(100).optional(),
    effort: z.int().min(1).max(10).optional(),
    dither: z.number().min(0).max(1).optional(),
  })
  .refine((png) => png.palette || paletteOptions.every((option) => png[option] === undefined), {
    error: 'Expected palette: true with colours, quality, effort or dither, which only shape a palette',
  })
  .transform((png) =>
    png.palette
      ? {
          ...png,
          colours: png.colours ?? 256,
          quality: png.quality ?? 100,
          effort: png.effort ?? 7,
          dither: png.dither ?? 1,
        }
      : png,
  );

/** PNG, always 8 bits a channel; the options of a palette are there only with `palette: true`. */
export const png = defineFormat({
  name: 'png',
  extension: 'png',
  contentType: 'image/png',
  summary: 'PNG: lossless, with transparency; `palette: true` reduces it to at most 256 colours.',
  options,
  maxDimension: 2 ** 31 - 1,
  decodeCost: (traits) => ({
    serialSeconds: decodeSeconds * (pixelBytes(decodedState(traits)) / 3) * megapixels(traits) + profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: traits.isInterlaced ? heldPixels(decodedState(traits), interlacedDecodeBytes) : 0,
  }),
  encodeCost: (image, { compressionLevel, adaptiveFiltering, palette, progressive }) => {
    const lossless = adaptiveFiltering ? adaptiveSeconds : interpolate(encodeSecondsByLevel, compressionLevel);
    return {
      serialSeconds: (palette ? paletteSeconds : lossless) * megapixels(image),
      parallelSeconds: 0,
      heldBytes:
        (palette ? heldPixels(image, paletteBytes) : 0) + (progressive ? heldPixels(image, progressiveBytes) : 0),
    };
  },
  encode: (pipeline, png) => pipeline.png(png),
});
