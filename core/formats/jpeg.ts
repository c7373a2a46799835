import * as z from 'zod';
import { opaqueColour } from '../filters/colour.ts';
import { heldEncoded, heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { flattenedOn, flattenSecondsPerMegapixel } from './flatten-on.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel of colour; the decoder and the encoder have one thread. */
const decodeSeconds = { baseline: 0.005, progressive: 0.01 };
const encodeSeconds = { plain: 0.003, optimised: 0.009, progressive: 0.016, mozjpeg: 0.059 };

/** 4:4:4 has twice the samples of 4:2:0 and took 1.7 times as long, whatever the other options. */
const fullChromaFactor = 1.7;

/** Bytes per pixel held, measured at 100 megapixels: scans and optimised codes need the whole picture. */
const progressiveDecodeBytes = 6.2;
const encodeBytes = 6.1;

const options = z
  .strictObject({
    quality: z.int().min(1).max(100).default(80).describe('the quality; higher keeps more detail in more bytes'),
    progressive: z.boolean().optional().describe('store scans that show the whole picture early; true with mozjpeg'),
    chromaSubsampling: z
      .enum(['4:2:0', '4:4:4'])
      .default('4:2:0')
      .describe('store colours at half the width and height, or at full size'),
    optimiseCoding: z
      .boolean()
      .default(true)
      .describe('fit the codes to the picture: some percent smaller, but the whole picture is held in memory'),
    mozjpeg: z.boolean().default(false).describe('take six times as long for a tenth fewer bytes'),
    background: opaqueColour.default('#ffffff').describe('what transparent parts are laid on'),
  })
  .refine(({ mozjpeg, progressive }) => !(mozjpeg && progressive === false), {
    error: 'Expected progressive: true with mozjpeg: true, which always writes progressive scans, but received false',
  })
  .transform(({ progressive, ...rest }) => ({ ...rest, progressive: progressive ?? rest.mozjpeg }))
  .refine(({ progressive, optimiseCoding }) => !(progressive && !optimiseCoding), {
    error: 'Expected optimiseCoding: true with progressive scans, which need it, but received false',
  });

/** JPEG; transparent parts are laid on `background`, since the format has none (sharp alone would make them black). */
export const jpeg = defineFormat({
  name: 'jpeg',
  extension: 'jpg',
  contentType: 'image/jpeg',
  summary: 'JPEG: photographs for every viewer; transparent parts are laid on `background`.',
  example: { quality: 82, mozjpeg: true },
  options,
  holds: () => [],
  colours: ['grey', 'rgb', 'cmyk'],
  // libjpeg's own bound (JPEG_MAX_DIMENSION); sharp and the frame header would allow 35 more.
  maxDimension: 65_500,
  holdsAlpha: () => false,
  bitDepth: () => 8,
  isLossless: () => false,
  decodeCost: (traits) => ({
    serialSeconds:
      (traits.isProgressive ? decodeSeconds.progressive : decodeSeconds.baseline) * megapixels(traits) +
      profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: traits.isProgressive ? heldPixels(decodedState(traits), progressiveDecodeBytes) : 0,
  }),
  encodeCost: (image, { mozjpeg, progressive, optimiseCoding, chromaSubsampling }) => {
    const plainOrOptimised = optimiseCoding ? encodeSeconds.optimised : encodeSeconds.plain;
    const progressiveOrLess = progressive ? encodeSeconds.progressive : plainOrOptimised;
    const chromaFactor = chromaSubsampling === '4:4:4' ? fullChromaFactor : 1;
    return {
      serialSeconds: (mozjpeg ? encodeSeconds.mozjpeg : progressiveOrLess) * chromaFactor * megapixels(image),
      parallelSeconds: image.hasAlpha ? flattenSecondsPerMegapixel * megapixels(image) : 0,
      heldBytes: optimiseCoding ? heldEncoded(image, encodeBytes) : 0,
    };
  },
  encode: (pipeline, { background, ...rest }, image) =>
    (image.hasAlpha ? flattenedOn(pipeline, background) : pipeline).jpeg(rest),
});
