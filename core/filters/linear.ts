import * as z from 'zod';
import { defineFilter } from './filter.ts';
import { bringingColour, inColour } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { streamedCost } from './streamed-cost.ts';

/** CPU seconds per megapixel of colour (grey 0.0024, with alpha 0.0099; 16 bits less); it streams, one strip a thread. */
const secondsPerMegapixel = 0.008;

const perChannel = z
  .union([z.number(), z.tuple([z.number(), z.number(), z.number()])])
  .meta({ title: 'a number, or a list of three' });
type PerChannel = z.infer<typeof perChannel>;

/** One value for every channel, or three of red, green and blue where either has them. */
const alike = (value: PerChannel, other: PerChannel): number[] => {
  if (typeof value !== 'number') return value;
  return Array(typeof other === 'number' ? 1 : 3).fill(value);
};

/** Whether the channels are treated alike, whatever they are; else a grey picture takes colour. */
const isOfAllChannels = ({ a, b }: { a: PerChannel; b: PerChannel }): boolean =>
  typeof a === 'number' && typeof b === 'number';

/** Contrast and brightness: a straight line through the tones. */
export const linear = defineFilter({
  name: 'linear',
  summary: 'Changes contrast and brightness: every value becomes `a` times itself plus `b`.',
  notes: 'Values go from 0 to 255, whatever the depth; those that leave this range end at its ends. Alpha stays.',
  example: { a: 1.2, b: -25 },
  options: z.strictObject({
    a: perChannel.default(1).describe('a factor, or three of red, green and blue'),
    b: perChannel.default(0).describe('an addend, or three of red, green and blue'),
  }),
  places: (image, options) => [isOfAllChannels(options) ? spanOf('linear') : bringingColour(image, spanOf('linear'))],
  isNeeded: (_, { a, b }) => [a].flat().some((factor) => factor !== 1) || [b].flat().some((addend) => addend !== 0),
  resultOf: (image, options) => (isOfAllChannels(options) ? image : inColour(image)),
  cost: (image) => streamedCost(image, secondsPerMegapixel * (image.channels / 3)),
  apply: (pipeline, { a, b }, { bitDepth }) => {
    // sharp adds to the values as they are stored.
    const scale = bitDepth > 8 ? 65_535 / 255 : 1;
    return pipeline.linear(
      alike(a, b),
      alike(b, a).map((addend) => addend * scale),
    );
  },
});
