import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { inGrey, isGreyPicture } from './grey.ts';
import { lchSeconds } from './modulate.ts';
import { onStraightAlpha } from './on-straight-alpha.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel of 8 bits; it streams, in strips, one a thread. */
const secondsPerMegapixel = { opaque: 0.005, withAlpha: 0.016 };

/** Takes the colour away. */
export const grayscale = defineFilter({
  name: 'grayscale',
  summary: 'Takes the colour away and keeps how light everything is.',
  example: {},
  options: z.strictObject({}),
  // sharp's own grayscale works in 8 bits. Above, modulate without saturation comes to the same.
  places: (image) => [image.bitDepth > 8 ? onStraightAlpha(image, 'modulate') : spanOf('grayscale')],
  isNeeded: (image) => !isGreyPicture(image),
  resultOf: inGrey,
  cost: (image) => streamedCost(image, image.bitDepth > 8 ? lchSeconds : secondsPerMegapixel),
  apply: (pipeline, _, { bitDepth }) => (bitDepth > 8 ? pipeline.modulate({ saturation: 0 }) : pipeline.grayscale()),
});
