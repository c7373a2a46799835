import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { type Curve, interpolate } from './interpolate.ts';
import { spanOf } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels } from './pixel-bytes.ts';

/**
 * CPU seconds per megapixel by sigma, one thread. Between 280 and 290 the kernel outgrows what libvips' vector code
 * can add up, and the plain code takes over: 20 times slower.
 */
const secondsBySigma: Curve = [
  [1, 0.002],
  [8, 0.005],
  [30, 0.015],
  [100, 0.095],
  [280, 0.55],
  [290, 11],
  [500, 22],
  [1000, 45],
];

/** Above 8 bits there is no vector code at all. */
const wideSecondsBySigma: Curve = [
  [1, 0.04],
  [8, 0.16],
  [30, 0.44],
  [100, 2.3],
  [1000, 45],
];

/** Gaussian blur. */
export const blur = defineFilter({
  name: 'blur',
  summary: 'Blurs with a Gaussian of `sigma` pixels.',
  example: { sigma: 8 },
  options: z.strictObject({
    // sharp's own bounds.
    sigma: z.number().min(0.3).max(1000).describe('how far it blurs, in pixels'),
  }),
  places: () => [spanOf('blur')],
  isNeeded: () => true,
  resultOf: (image) => image,
  cost: (image, { sigma }) => ({
    serialSeconds: 0,
    // libvips works through a picture in strips, one a thread.
    parallelSeconds:
      interpolate(image.bitDepth > 8 ? wideSecondsBySigma : secondsBySigma, sigma) *
      Math.max(1, image.channels / 3) *
      megapixels(image),
    heldBytes: heldPixels(image, copyBytesPerPixel),
  }),
  apply: (pipeline, { sigma }) => pipeline.blur(sigma),
});
