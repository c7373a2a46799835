import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldEncoded, heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel; sharp's decoder and encoder use one thread. */
const decodeSeconds = 0.019;
const encodeSecondsByEffort: Curve = [
  [0, 0.023],
  [4, 0.08],
  [6, 0.18],
];
const losslessSecondsByEffort: Curve = [
  [0, 0.2],
  [4, 0.66],
  [6, 0.95],
];
const nearLosslessSecondsByEffort: Curve = [
  [0, 0.2],
  [4, 1.05],
  [6, 1.45],
];
const smartSubsampleFactor = 1.4;
const alphaFactor = 1.3;

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
  holds: ['animation'],
  // 14 bits in the frame header.
  maxDimension: 16_383,
  decodeCost: (traits) => ({
    serialSeconds: decodeSeconds * megapixels(traits) + profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: heldPixels(decodedState(traits), decodeBytes),
  }),
  encodeCost: (image, { lossless, nearLossless, smartSubsample, effort }) => {
    const losslessOrLossy = lossless ? losslessSecondsByEffort : encodeSecondsByEffort;
    const seconds = interpolate(nearLossless ? nearLosslessSecondsByEffort : losslessOrLossy, effort);
    const factor = (smartSubsample ? smartSubsampleFactor : 1) * (image.hasAlpha ? alphaFactor : 1);
    return {
      serialSeconds: seconds * factor * megapixels(image),
      parallelSeconds: 0,
      heldBytes: heldEncoded(image, encodeBytes),
    };
  },
  encode: (pipeline, webp) => pipeline.webp(webp),
});
