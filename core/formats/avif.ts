import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel, measured on one thread. */
const decodeSeconds = 0.043;

/** CPU seconds per megapixel by effort, measured on one thread; 1 and 3 lie between their neighbours. */
const encodeSecondsByEffort: Curve = [
  [0, 0.07],
  [1, 0.13],
  [2, 0.24],
  [3, 0.64],
  [4, 1.7],
  [5, 3.6],
  [6, 8],
  [7, 13.3],
  [8, 16.3],
  [9, 43.5],
];

/** Bytes per pixel held, measured at 100 megapixels. */
const decodeBytes = 3.1;
const encodeBytes = { '4:4:4': 33, '4:2:0': 21 };

const options = z
  .strictObject({
    quality: z.int().min(1).max(100).default(50),
    effort: z.int().min(0).max(9).default(4),
    lossless: z.boolean().default(false),
    chromaSubsampling: z.enum(['4:2:0', '4:4:4']).default('4:4:4'),
  })
  .refine(({ lossless, chromaSubsampling }) => !(lossless && chromaSubsampling === '4:2:0'), {
    error: "Expected chromaSubsampling: '4:4:4' with lossless: true but received '4:2:0', which loses colour",
  });

/** AVIF, 8 bits a channel. Its bytes depend on the number of threads, which is why a plan fixes it. */
export const avif = defineFormat({
  name: 'avif',
  extension: 'avif',
  contentType: 'image/avif',
  summary: 'AVIF: smallest, with transparency; slow, and very slow above `effort: 4`.',
  options,
  // sharp's own bound (0.35.5, src/common.cc, AssertImageTypeDimensions).
  maxDimension: 16_384,
  decodeCost: (traits) => ({
    serialSeconds: decodeSeconds * megapixels(traits) + profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: heldPixels(decodedState(traits), decodeBytes),
  }),
  encodeCost: (image, { effort, chromaSubsampling }) => ({
    serialSeconds: 0,
    parallelSeconds: interpolate(encodeSecondsByEffort, effort) * megapixels(image),
    heldBytes: heldPixels(image, encodeBytes[chromaSubsampling]),
  }),
  encode: (pipeline, avif) => pipeline.avif(avif),
});
