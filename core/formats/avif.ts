import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldEncoded, heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel, measured on one thread. */
const decodeSeconds = 0.043;

/** CPU seconds per megapixel by effort, at sharp's default quality; 1 and 3 from a measurement of their own. */
const encodeSecondsByEffort: Curve = [
  [0, 0.07],
  [1, 0.17],
  [2, 0.24],
  [3, 0.45],
  [4, 1.7],
  [5, 3.6],
  [6, 8],
  [7, 13.3],
  [8, 16.3],
  [9, 43.5],
];

/** How much longer other qualities take than 50, at effort 4: 90 took 2.4 times as long, lossless 2.2 to 3.5 times. */
const factorByQuality: Curve = [
  [50, 1],
  [90, 2.4],
];
const losslessFactor = 3;
const alphaFactor = 1.2;
const deepFactor = 1.5; // 10 and 12 bits at effort 4

/** 4:2:0 has half the samples and took 0.59 times as long. */
const halfChromaFactor = 0.65;

/** Bytes per pixel held: decoding measured at 3, 12 and 27 megapixels (15 to 18), encoding at 100. */
const decodeBytes = 18;
const encodeBytes = { '4:4:4': 33, '4:2:0': 21 };

const options = z
  .strictObject({
    quality: z.int().min(1).max(100).default(50).describe('the quality; higher keeps more detail in more bytes'),
    effort: z.int().min(0).max(9).default(4).describe('how long to look for fewer bytes; above 4 very long'),
    lossless: z.boolean().default(false).describe('keep every pixel'),
    chromaSubsampling: z
      .enum(['4:2:0', '4:4:4'])
      .default('4:4:4')
      .describe('store colours at half the width and height, or at full size'),
    bitdepth: z
      .literal([8, 10, 12])
      .default(8)
      .describe('bits a channel; more than 8 keep what the picture has of them'),
  })
  .refine(({ lossless, chromaSubsampling }) => !(lossless && chromaSubsampling === '4:2:0'), {
    error: "Expected chromaSubsampling: '4:4:4' with lossless: true but received '4:2:0', which loses colour",
  });

/** AVIF. Its bytes depend on the number of threads, which is why a plan fixes it. */
export const avif = defineFormat({
  name: 'avif',
  extension: 'avif',
  contentType: 'image/avif',
  summary: 'AVIF: smallest, with transparency; slow, and very slow above `effort: 4`.',
  example: { quality: 55 },
  options,
  holds: () => [],
  colours: ['rgb'],
  // sharp's own bound (0.35.5, src/common.cc, AssertImageTypeDimensions).
  maxDimension: 16_384,
  holdsAlpha: () => true,
  bitDepth: ({ bitdepth }) => bitdepth,
  isLossless: ({ lossless }) => lossless,
  decodeCost: (traits) => ({
    serialSeconds: decodeSeconds * megapixels(traits) + profileSeconds(traits),
    parallelSeconds: 0,
    heldBytes: heldPixels(decodedState(traits), decodeBytes),
  }),
  encodeCost: (image, { quality, effort, lossless, chromaSubsampling, bitdepth }) => {
    const factor =
      (lossless ? losslessFactor : interpolate(factorByQuality, quality)) *
      (chromaSubsampling === '4:2:0' ? halfChromaFactor : 1) *
      (bitdepth > 8 ? deepFactor : 1) *
      (image.hasAlpha ? alphaFactor : 1);
    return {
      serialSeconds: 0,
      // The encoder's own threads share the picture's tiles and rows (measured: 1.6 to 1.8 times as fast on two).
      parallelSeconds: interpolate(encodeSecondsByEffort, effort) * factor * megapixels(image),
      heldBytes: heldEncoded(image, encodeBytes[chromaSubsampling]),
    };
  },
  encode: (pipeline, avif) => pipeline.avif(avif),
});
