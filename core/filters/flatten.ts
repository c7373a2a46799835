import * as z from 'zod';
import { isGrey, opaqueColour } from './colour.ts';
import { defineFilter } from './filter.ts';
import { inColour } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel; it streams, in strips, one a thread. */
const secondsPerMegapixel = 0.004;

/** Lays a picture with transparency on a background and drops its alpha channel. */
export const flatten = defineFilter({
  name: 'flatten',
  summary: 'Lays transparent parts on a `background` colour and drops the alpha channel.',
  notes: 'JPEG does this by itself while writing.',
  example: { background: '#f0f0f0' },
  options: z.strictObject({ background: opaqueColour.default('#ffffff').describe('what shines through') }),
  places: () => [spanOf('flatten')],
  isNeeded: (image) => image.hasAlpha,
  resultOf: (image, { background }) => {
    if (!image.hasAlpha) return image;
    const { channels } = isGrey(background) ? image : inColour(image);
    return { ...image, channels: channels - 1, hasAlpha: false };
  },
  cost: (image) => streamedCost(image, secondsPerMegapixel),
  apply: (pipeline, { background }) => pipeline.flatten({ background }),
});
