import * as z from 'zod';
import { opaqueColour } from './colour.ts';
import { defineFilter } from './filter.ts';
import { bringingColour, inColour } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel, in 8 bits as in 16, of colour as of grey; it streams, in strips, one a thread. */
const secondsPerMegapixel = { opaque: 0.006, withAlpha: 0.01 };

/** Makes a picture of one hue. */
export const tint = defineFilter({
  name: 'tint',
  summary: 'Gives everything the hue of one `colour`, most of it in the middle tones; black and white stay.',
  notes: 'Works with 256 tones, whatever the depth of the picture.',
  example: { colour: '#4060c0' },
  options: z.strictObject({ colour: opaqueColour.describe('whose hue and saturation are taken') }),
  places: (image) => [bringingColour(image, spanOf('tint'))],
  isNeeded: () => true,
  resultOf: inColour,
  cost: (image) => streamedCost(image, secondsPerMegapixel),
  apply: (pipeline, { colour }) => pipeline.tint(colour),
});
