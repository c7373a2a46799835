import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldEncoded, heldPixels, pixelBytes } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels, type Traits } from '../image/traits.ts';
import { animationOptions, timingOf } from './animation-options.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel; sharp's decoder and encoder use one thread. */
const decodeSeconds = { still: 0.019, animation: 0.03 };
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

/** Each frame of an animation is tried as a whole and as what changed (measured: 2.4, 1.7 and 2.3 at efforts 0, 4, 6). */
const animationFactor = 2.3;

/** Bytes per pixel held, measured at 100 megapixels. */
const decodeBytes = 7.8;
const encodeBytes = 6.4;

/**
 * libvips decodes a WebP as a whole before anything reads it: all frames of an animation, too (measured: 3 bytes a pixel
 * of each, and the file). Above so many bytes it writes them to a temporary file, which is held in memory all the same.
 */
const memoryBytes = 100 * 2 ** 20;

const decodedBytes = (traits: Traits, frames: number): number => {
  const picture = decodedState(traits, frames);
  return picture.width * picture.height * picture.pages * pixelBytes(picture);
};

const isAnimated = ({ frames }: Traits): boolean => frames.count > 1 || frames.known === 'atLeast';

/** Bytes per pixel of all frames together: the encoder holds the whole file until its end, and more than once. */
const animationBytes = { lossy: 1.2, lossless: 7.5 };

const options = z
  .strictObject({
    quality: z.int().min(1).max(100).default(80).describe('the quality; higher keeps more detail in more bytes'),
    alphaQuality: z.int().min(0).max(100).default(100).describe('the quality of the transparency'),
    lossless: z.boolean().default(false).describe('keep every pixel'),
    nearLossless: z.boolean().default(false).describe('lossless after small changes that compress better, by quality'),
    smartSubsample: z.boolean().default(false).describe('halve the size of colours with more care for hard edges'),
    effort: z.int().min(0).max(6).default(4).describe('how long to look for fewer bytes'),
    ...animationOptions,
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
  summary: 'WebP: smaller than JPEG, with transparency and animations, lossy or `lossless`.',
  example: { quality: 75 },
  options,
  holds: () => ['animation'],
  colours: ['rgb'],
  // 14 bits in the frame header.
  maxDimension: 16_383,
  holdsAlpha: () => true,
  bitDepth: () => 8,
  isLossless: ({ lossless, nearLossless }) => lossless || nearLossless,
  decodeCost: (traits, frames) => {
    const seconds = isAnimated(traits) ? decodeSeconds.animation : decodeSeconds.still;
    return {
      serialSeconds: (seconds * megapixels(traits) + profileSeconds(traits)) * frames,
      parallelSeconds: 0,
      heldBytes:
        heldPixels(decodedState(traits), decodeBytes) +
        (frames > 1 ? decodedBytes(traits, frames) : 0) +
        (isAnimated(traits) ? traits.fileBytes : 0),
    };
  },
  decodeScratchBytes: (traits, frames) => {
    const bytes = decodedBytes(traits, frames);
    return bytes > memoryBytes ? bytes : 0;
  },
  encodeCost: (image, { lossless, nearLossless, smartSubsample, effort }) => {
    const losslessOrLossy = lossless ? losslessSecondsByEffort : encodeSecondsByEffort;
    const seconds = interpolate(nearLossless ? nearLosslessSecondsByEffort : losslessOrLossy, effort);
    const isAnimation = image.pages > 1;
    const factor =
      (smartSubsample ? smartSubsampleFactor : 1) *
      (image.hasAlpha ? alphaFactor : 1) *
      (isAnimation && !lossless && !nearLossless ? animationFactor : 1);
    const bytesOfFile = animationBytes[lossless || nearLossless ? 'lossless' : 'lossy'];
    return {
      serialSeconds: seconds * factor * megapixels(image),
      parallelSeconds: 0,
      heldBytes: heldEncoded(image, encodeBytes) + (isAnimation ? bytesOfFile * megapixels(image) * 1e6 : 0),
    };
  },
  encode: (pipeline, { loop, delay, ...webp }, picture) =>
    pipeline.webp({ ...webp, ...timingOf({ loop, delay }, picture) }),
});
