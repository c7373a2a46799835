import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { turning } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel (0.0008 to 0.0012, whatever the channels and the depth); it streams, one strip a thread. */
const secondsPerMegapixel = 0.0015;

/** Mirrors the picture left to right. */
export const flop = defineFilter({
  name: 'flop',
  summary: 'Mirrors the picture, so that its left is at the right.',
  example: {},
  options: z.strictObject({}),
  places: () => [turning],
  isNeeded: ({ width }) => width > 1,
  resultOf: (image) => image,
  cost: (image) => streamedCost(image, secondsPerMegapixel),
  apply: (pipeline) => pipeline.flop(),
});
