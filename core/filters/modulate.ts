import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { onStraightAlpha } from './on-straight-alpha.ts';
import { streamedCost } from './streamed-cost.ts';

/**
 * CPU seconds per megapixel of whatever is done in LCh, in 8 bits as in 16, of colour as of grey; it streams, in strips,
 * one a thread.
 */
export const lchSeconds = { opaque: 0.042, withAlpha: 0.048 };

const factor = z.number().min(0).default(1);

/** Brightness, saturation and hue, in CIE LCh. */
export const modulate = defineFilter({
  name: 'modulate',
  summary: 'Changes `brightness`, `saturation`, `hue` and `lightness`, as people see them (CIE LCh).',
  example: { brightness: 1.1, saturation: 1.2 },
  options: z.strictObject({
    brightness: factor.describe('lightness is multiplied by it'),
    saturation: factor.describe('saturation is multiplied by it; 0 leaves greys'),
    hue: z.int().min(-360).max(360).default(0).describe('degrees by which hues are turned'),
    lightness: z.number().min(-100).max(100).default(0).describe('added to lightness, which goes from 0 to 100'),
  }),
  places: (image) => [onStraightAlpha(image, 'modulate')],
  isNeeded: (_, { brightness, saturation, hue, lightness }) =>
    brightness !== 1 || saturation !== 1 || hue % 360 !== 0 || lightness !== 0,
  resultOf: (image) => image,
  cost: (image) => streamedCost(image, lchSeconds),
  apply: (pipeline, options) => pipeline.modulate(options),
});
