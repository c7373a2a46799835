import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import type { ImageState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { colour } from './colour.ts';
import { defineFilter } from './filter.ts';
import { besideColour, bringing } from './grey.ts';
import { inSize } from './in-size.ts';
import { spanOf } from './pipeline-order.ts';
import { heldPixels } from './pixel-bytes.ts';
import { positions } from './position.ts';
import { refuseAnimation } from './refuse-animation.ts';
import { boundOfResize } from './resize-bound.ts';
import { resizeGeometry } from './resize-geometry.ts';

/**
 * CPU seconds per megapixel read and written, one thread. Measured: 0.0015 to 0.006 per megapixel read when scaling
 * down, 0.025 per megapixel written when scaling up.
 */
const secondsPerMegapixel = { read: 0.004, written: 0.021 };

/** CPU seconds per megapixel of the scaled picture in which sharp looks for the part worth keeping (0.002 to 0.007). */
const strategySecondsPerMegapixel = 0.007;

/** Bytes per pixel of that picture: 6.6 measured at 312 megapixels. */
const strategyBytesPerPixel = 6.6;

/** sharp's own bounds. */
const length = z.int().min(1).max(100_000_000);

/** sharp's two ways of looking for the part worth keeping. */
const strategies = ['attention', 'entropy'] as const;

const isStrategy = (position: string): boolean => strategies.some((strategy) => strategy === position);

const options = z
  .strictObject({
    width: length.optional().describe('pixels; one of the two must be there, the other follows from the shape'),
    height: length.optional().describe('pixels'),
    fit: z
      .enum(['cover', 'contain', 'fill', 'inside', 'outside'])
      .default('cover')
      .describe('with both: cut off what is too much, add bars, distort, stay inside, or reach at least'),
    position: z
      .enum([...positions, ...strategies])
      .default('centre')
      .describe(
        'what `cover` keeps and where `contain` puts the picture; `attention` and `entropy` look for the interesting ' +
          'part, need `cover` and are refused for animations',
      ),
    background: colour.default('#000000').describe('of the bars that `contain` adds'),
    kernel: z
      .enum(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3', 'mks2013', 'mks2021'])
      .default('lanczos3')
      .describe('how pixels are averaged'),
    withoutEnlargement: z
      .boolean()
      .default(false)
      .describe('leaves a picture that is smaller already; with `cover` a side that is too long is still cut'),
    withoutReduction: z
      .boolean()
      .default(false)
      .describe('leaves a picture that is larger already; with `cover` it is cut to the size all the same'),
  })
  .refine(({ width, height }) => width !== undefined || height !== undefined, {
    error: 'Expected width, height or both but received neither',
  })
  .refine(({ withoutEnlargement, withoutReduction }) => !(withoutEnlargement && withoutReduction), {
    error: 'Expected withoutEnlargement or withoutReduction but received both, which leaves nothing to do',
  })
  .refine(({ fit, position }) => fit === 'cover' || !isStrategy(position), {
    error: 'Expected fit: cover for the positions attention and entropy, since only cover cuts something off',
  });

type Options = z.infer<typeof options>;

const unboundedSize = ({ width, height, fit }: Options): InvalidInputError =>
  new InvalidInputError(
    'Expected a resize whose result has a bound, since it comes after a trim that leaves any shape, but received ' +
      `${width ?? 'any'} x ${height ?? 'any'} with fit ${fit}. Ask for a recipe that gives width and height (with ` +
      'another fit than outside) or says withoutEnlargement.',
    { code: 'SizeUnknown' },
  );

/** The size after a resize and what it took to get there. */
const outcomeOf = (
  image: ImageState,
  target: Options,
): { picture: ImageState; isCropped: boolean; isPadded: boolean } => {
  if (image.isAtMost) {
    const bound = boundOfResize(image, target);
    if (bound === undefined) throw unboundedSize(target);
    const { isExact, ...size } = bound;
    const picture = isExact ? inSize(image, size) : { ...image, ...size };
    return { picture, isCropped: target.fit === 'cover', isPadded: target.fit === 'contain' };
  }
  const { scaled, final } = resizeGeometry(image, target);
  return {
    picture: { ...image, ...final },
    isCropped: final.width < scaled.width || final.height < scaled.height,
    isPadded: final.width > scaled.width || final.height > scaled.height,
  };
};

/** Scales the picture to a width, a height or both. */
export const resize = defineFilter({
  name: 'resize',
  summary: 'Scales to `width`, `height` or both; `fit` says what gives way when the shape differs.',
  example: { width: 800, height: 800, fit: 'contain', background: 'white' },
  options,
  places: (image, { fit, background }) => [
    fit === 'contain' ? bringing(background, image, spanOf('resize')) : spanOf('resize'),
  ],
  isNeeded: (image, target) => {
    const { scaled, final } = resizeGeometry(image, target);
    return [scaled, final].some((size) => size.width !== image.width || size.height !== image.height);
  },
  resultOf: (image, target) => {
    const { picture, isCropped, isPadded } = outcomeOf(image, target);
    if (isCropped && isStrategy(target.position)) {
      refuseAnimation(image, `resize with position ${target.position}`, 'would each be cut at another place');
    }
    return isPadded ? besideColour(picture, target.background) : picture;
  },
  cost: (image, target) => {
    const { scaled } = resizeGeometry(image, target);
    const { picture, isCropped } = outcomeOf(image, target);
    const isSearched = isCropped && isStrategy(target.position);
    return {
      serialSeconds: isSearched ? strategySecondsPerMegapixel * megapixels({ ...image, ...scaled }) : 0,
      // It streams, in strips, one a thread.
      parallelSeconds:
        secondsPerMegapixel.read * megapixels(image) +
        secondsPerMegapixel.written * megapixels(isSearched ? { ...image, ...scaled } : picture),
      heldBytes: isSearched ? heldPixels({ ...image, ...scaled }, strategyBytesPerPixel) : 0,
    };
  },
  apply: (pipeline, target, image) => {
    const { scaled, final } = resizeGeometry(image, target);
    const { kernel } = target;
    // A decoder's own shrinking is coarse: done nearly all the way, it left a detailed photograph 5.7 levels of 255 away
    // from an exact Lanczos on average; done half the way at most, 1.6.
    const options = { kernel, fastShrinkOnLoad: false };
    // Said in full, the size does not depend on how far sharp let the decoder shrink a JPEG beforehand: each such step
    // rounds, and an axis left to sharp can come out one pixel off.
    if (scaled.width === final.width && scaled.height === final.height) {
      return pipeline.resize({ ...final, ...options, fit: 'fill' });
    }
    return pipeline.resize({ ...target, ...final, ...options });
  },
});
