import * as z from 'zod';
import { opaqueColour } from '../filters/colour.ts';
import { heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { flattenedOn, flattenSecondsPerMegapixel } from './flatten-on.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel, measured on one thread; the decoder and the encoder have one. */
const decodeSeconds = { baseline: 0.005, progressive: 0.008 };
const encodeSeconds = { plain: 0.003, optimised: 0.009, progressive: 0.02, mozjpeg: 0.059 };

/** Bytes per pixel held, measured at 100 megapixels: scans and optimised codes need the whole picture. */
const progressiveDecodeBytes = 6.2;
const encodeBytes = 6.1;

const options = z
  .strictObject({
    quality: z.int().min(1).max(100).default(80),
    progressive: z.boolean().optional(),
    chromaSubsampling: z.enum(['4:2:0', '4:4:4']).default('4:2:0'),
    optimiseCoding: z.boolean().default(true),
    mozjpeg: z.boolean().default(false),
    background: opaqueColour.default('#ffffff'),
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
  options,
  // The frame header's 16 bits.
  maxDimension: 65_535,
  decodeCost: (traits) => ({
    serialSeconds:
      (traits.isProgressive ? decodeSeconds.progressive : decodeSeconds.baseline) * megapixels(traits) +
      profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: traits.isProgressive ? heldPixels(decodedState(traits), progressiveDecodeBytes) : 0,
  }),
  encodeCost: (image, { mozjpeg, progressive, optimiseCoding }) => {
    const plainOrOptimised = optimiseCoding ? encodeSeconds.optimised : encodeSeconds.plain;
    const progressiveOrLess = progressive ? encodeSeconds.progressive : plainOrOptimised;
    return {
      serialSeconds: (mozjpeg ? encodeSeconds.mozjpeg : progressiveOrLess) * megapixels(image),
      parallelSeconds: image.hasAlpha ? flattenSecondsPerMegapixel * megapixels(image) : 0,
      heldBytes: optimiseCoding ? heldPixels(image, encodeBytes) : 0,
    };
  },
  encode: (pipeline, { background, ...rest }, image) =>
    (image.hasAlpha ? flattenedOn(pipeline, background) : pipeline).jpeg(rest),
});
