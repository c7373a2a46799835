import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { type Curve, interpolate } from './interpolate.ts';
import { placeOf } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels } from './pixel-bytes.ts';

/** CPU seconds per megapixel by sigma, measured on one thread. */
const secondsBySigma: Curve = [
  [1, 0.002],
  [8, 0.005],
  [30, 0.015],
  [100, 0.095],
];

/** Gaussian blur. */
export const blur = defineFilter({
  name: 'blur',
  summary: 'Blurs with a Gaussian of `sigma` pixels.',
  options: z.strictObject({
    // sharp's own bounds.
    sigma: z.number().min(0.3).max(1000),
  }),
  order: [placeOf('blur')],
  isNeeded: () => true,
  resultOf: (image) => image,
  cost: (image, { sigma }) => ({
    serialSeconds: 0,
    // libvips works through a picture in strips, one a thread.
    parallelSeconds: interpolate(secondsBySigma, sigma) * megapixels(image),
    heldBytes: heldPixels(image, copyBytesPerPixel),
  }),
  apply: (pipeline, { sigma }) => pipeline.blur(sigma),
});
