import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { colour } from './colour.ts';
import { defineFilter } from './filter.ts';
import { besideColour, bringing } from './grey.ts';
import { turning } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels, pixelBytes } from './pixel-bytes.ts';
import type { Size } from './resize-geometry.ts';
import { streamedCost } from './streamed-cost.ts';

/**
 * CPU seconds per megapixel. Quarter turns: of the picture, by the bytes of its pixels (0.0048 for three, 0.0087 for
 * six), in strips, one a thread. Other angles: of the result (0.014 in 8 bits as in 16, with alpha 0.019); a second
 * thread made them 1.17 times as fast, too little to count on.
 */
const secondsPerMegapixel = { quarter: 0.005, other: 0.015 };

const options = z.strictObject({
  angle: z.number().min(-360).max(360).describe('in degrees, clockwise; anticlockwise where negative'),
  background: colour.default('#000000').describe('of the corners, where the angle is no quarter turn'),
});

type Options = z.infer<typeof options>;

const isQuarterTurn = ({ angle }: Options): boolean => angle % 90 === 0;

/** The size of the upright rectangle around a turned one, as libvips rounds it. */
const turnedSize = ({ width, height }: Size, options: Options): Size => {
  const { angle } = options;
  if (isQuarterTurn(options)) return angle % 180 === 0 ? { width, height } : { width: height, height: width };
  const radians = (angle / 180) * Math.PI;
  const [sin, cos] = [Math.abs(Math.sin(radians)), Math.abs(Math.cos(radians))];
  return { width: Math.round(width * cos + height * sin), height: Math.round(width * sin + height * cos) };
};

/** Turns the picture clockwise. */
export const rotate = defineFilter({
  name: 'rotate',
  summary: 'Turns the picture clockwise by an `angle`; other ones than quarter turns add corners.',
  notes: 'To turn a picture as its camera says, use `autoOrient`.',
  example: { angle: 90 },
  options,
  places: (image, options) => [isQuarterTurn(options) ? turning : bringing(options.background, image, turning)],
  isNeeded: (_, { angle }) => angle % 360 !== 0,
  resultOf: (image, options) => ({
    ...(isQuarterTurn(options) ? image : besideColour(image, options.background)),
    ...turnedSize(image, options),
  }),
  cost: (image, options) => {
    // sharp turns the picture in memory (2.9 bytes for 3 measured at 80 megapixels).
    const heldBytes = heldPixels(image, copyBytesPerPixel);
    if (isQuarterTurn(options)) {
      const perMegapixel = secondsPerMegapixel.quarter * (pixelBytes(image) / 3);
      return { ...streamedCost(image, perMegapixel), heldBytes };
    }
    const turned = { ...image, ...turnedSize(image, options) };
    const serialSeconds = secondsPerMegapixel.other * Math.max(1, image.channels / 3) * megapixels(turned);
    return { serialSeconds, parallelSeconds: 0, heldBytes };
  },
  apply: (pipeline, { angle, background }) => pipeline.rotate(angle, { background }),
});
