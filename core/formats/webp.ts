import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel, measured on one thread; sharp's decoder and encoder use one. */
const decodeSeconds = 0.019;
const encodeSecondsByEffort: Curve = [
  [0, 0.023],
  [4, 0.08],
  [6, 0.18],
];
const losslessSeconds = 0.66;
const nearLosslessSeconds = 1.05;

/** Bytes per pixel held, measured at 100 megapixels. */
const decodeBytes = 7.8;
const encodeBytes = 6.4;

const options = z
  .strictObject({
    quality: z.int().min(1).max(100).default(80),
    alphaQuality: z.int().min(0).max(100).default(100),
    lossless: z.boolean().default(false),
    nearLossless: z.boolean().default(false),
    smartSubsample: z.boolean().default(false),
    effort: z.int().min(0).max(6).default(4),
  })
  .refine(({ lossless, nearLossless }) => !(lossless && nearLossless), {
    error: 'Expected lossless or nearLossless but received both',
  })
  .refine(({ lossless, nearLossless, smartSubsample }) => !(smartSubsample && (lossless || nearLossless)), {
    error: 'Expected smartSubsample: false with lossless and nearLossless, which subsample nothing, but received true',
  });

/** WebP. */
export const webp = defineFormat({
  name: 'webp',
  extension: 'webp',
  contentType: 'image/webp',
  summary: 'WebP: smaller than JPEG, with transparency, lossy or `lossless`.',
  options,
  // 14 bits in the frame header.
  maxDimension: 16_383,
  decodeCost: (traits) => ({
    serialSeconds: decodeSeconds * megapixels(traits) + profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: heldPixels(decodedState(traits), decodeBytes),
  }),
  encodeCost: (image, { lossless, nearLossless, effort }) => {
    const lossy = interpolate(encodeSecondsByEffort, effort);
    const losslessOrLossy = lossless ? losslessSeconds : lossy;
    return {
      serialSeconds: (nearLossless ? nearLosslessSeconds : losslessOrLossy) * megapixels(image),
      parallelSeconds: 0,
      heldBytes: heldPixels(image, encodeBytes),
    };
  },
  encode: (pipeline, webp) => pipeline.webp(webp),
});
