import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { opaqueColour } from './colour.ts';
import { defineFilter } from './filter.ts';
import { placeOf } from './pipeline-order.ts';

/** CPU seconds per megapixel; it streams, in strips, one a thread. */
const secondsPerMegapixel = 0.004;

/** Lays a picture with transparency on a background and drops its alpha channel. */
export const flatten = defineFilter({
  name: 'flatten',
  summary: 'Lays transparent parts on a `background` colour and drops the alpha channel.',
  options: z.strictObject({ background: opaqueColour.default('#ffffff') }),
  order: [placeOf('flatten')],
  isNeeded: (image) => image.hasAlpha,
  resultOf: (image) => (image.hasAlpha ? { ...image, channels: image.channels - 1, hasAlpha: false } : image),
  cost: (image) => ({
    serialSeconds: 0,
    parallelSeconds: secondsPerMegapixel * megapixels(image),
    heldBytes: 0,
  }),
  apply: (pipeline, { background }) => pipeline.flatten({ background }),
});
