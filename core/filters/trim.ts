import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import { megapixels } from '../image/traits.ts';
import { colour, isGrey } from './colour.ts';
import { defineFilter } from './filter.ts';
import { inColour } from './grey.ts';
import { spanOf } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels } from './pixel-bytes.ts';
import { refuseAnimation } from './refuse-animation.ts';

/**
 * CPU seconds per megapixel of colour, in 8 bits as in 16 (with alpha 0.177 and 0.016, of grey a third), whatever it
 * finds. A second thread made it 1.15 times as fast, too little to count on. All but line art goes through a median first.
 */
const secondsPerMegapixel = { photograph: 0.155, lineArt: 0.012 };

/** sharp refuses pictures that are smaller both ways; its median, which it only leaves out for line art, either way. */
const leastSide = 3;

/**
 * Cuts off edges of one colour. How much that is, only the pixels tell: the planner reckons with the whole picture, and
 * the steps after it are worked out again once its size is known.
 */
export const trim = defineFilter({
  name: 'trim',
  summary: 'Cuts off edges that are like the `background`; a picture of nothing else stays whole.',
  notes:
    'How large the rest is only shows while it runs, so a `resize` after it needs a size that holds for each: `width` ' +
    'and `height` with another `fit` than `outside`, or `withoutEnlargement`. Refused for animations, whose frames ' +
    'would differ in size.',
  example: { background: 'white', threshold: 20 },
  options: z.strictObject({
    background: colour.optional().describe('the colour to cut off; that of the top left pixel if left out'),
    threshold: z.number().min(0).default(10).describe('by how much a value (0 to 255) may differ from the background'),
    lineArt: z
      .boolean()
      .default(false)
      .describe('whether the picture is a drawing of thin lines rather than a photograph'),
    margin: z.int().min(0).max(10_000_000).default(0).describe('pixels of the edges to leave'),
  }),
  // It would look at the colour of a picture's first pixel before autoOrient has turned it, and nothing can be planned
  // after it before its size is known: it takes a pipeline of its own.
  places: () => [spanOf('trim', 'negate')],
  isNeeded: () => true,
  resultOf: (image, { background, lineArt }) => {
    refuseAnimation(image, 'trim', 'would differ in size');
    const decisive = lineArt ? Math.max(image.width, image.height) : Math.min(image.width, image.height);
    if (decisive < leastSide) {
      throw new InvalidInputError(
        `Expected a picture of at least ${leastSide} x ${leastSide} pixels for trim but received ${image.width} x ` +
          `${image.height}; upload a larger picture, or choose a recipe without trim.`,
        { code: 'PictureTooSmall' },
      );
    }
    // Beside a grey picture sharp would look for the red of a colour alone.
    const isColoured = background !== undefined && !isGrey(background);
    return { ...(isColoured ? inColour(image) : image), isAtMost: true };
  },
  cost: (image, { lineArt }) => ({
    serialSeconds:
      (lineArt ? secondsPerMegapixel.lineArt : secondsPerMegapixel.photograph) *
      (image.channels / 3) *
      megapixels(image),
    parallelSeconds: 0,
    // sharp looks through the picture in memory (2.8 bytes for 3 measured at 80 megapixels).
    heldBytes: heldPixels(image, copyBytesPerPixel),
  }),
  apply: (pipeline, { background, threshold, ...rest }, { bitDepth }) => {
    // sharp scales the threshold to 16 bits only together with a background that it is given.
    const scale = background === undefined && bitDepth > 8 ? 256 : 1;
    return pipeline.trim({ ...rest, threshold: threshold * scale, ...(background !== undefined && { background }) });
  },
});
