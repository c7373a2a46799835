import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { colour, isTransparent } from './colour.ts';
import { defineFilter } from './filter.ts';
import { placeOf } from './pipeline-order.ts';
import { heldPixels } from './pixel-bytes.ts';
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

const positions = [
  'centre',
  'top',
  'right top',
  'right',
  'right bottom',
  'bottom',
  'left bottom',
  'left',
  'left top',
  'attention',
  'entropy',
] as const;

const isStrategy = (position: (typeof positions)[number]): boolean =>
  position === 'attention' || position === 'entropy';

const options = z
  .strictObject({
    width: length.optional(),
    height: length.optional(),
    fit: z.enum(['cover', 'contain', 'fill', 'inside', 'outside']).default('cover'),
    position: z.enum(positions).default('centre'),
    background: colour.default('#000000'),
    kernel: z
      .enum(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3', 'mks2013', 'mks2021'])
      .default('lanczos3'),
    withoutEnlargement: z.boolean().default(false),
    withoutReduction: z.boolean().default(false),
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

/** Scales the picture to a width, a height or both. */
export const resize = defineFilter({
  name: 'resize',
  summary: 'Scales to `width`, `height` or both; `fit` says what gives way when the shape differs.',
  options,
  order: [placeOf('resize')],
  isNeeded: (image, target) => {
    const { scaled, final } = resizeGeometry(image, target);
    return [scaled, final].some((size) => size.width !== image.width || size.height !== image.height);
  },
  resultOf: (image, target) => {
    const { scaled, final } = resizeGeometry(image, target);
    const isPadded = final.width > scaled.width || final.height > scaled.height;
    const addsAlpha = isPadded && isTransparent(target.background) && !image.hasAlpha;
    return {
      ...image,
      ...final,
      channels: image.channels + (addsAlpha ? 1 : 0),
      hasAlpha: image.hasAlpha || addsAlpha,
    };
  },
  cost: (image, target) => {
    const { scaled, final } = resizeGeometry(image, target);
    const isCropped = final.width < scaled.width || final.height < scaled.height;
    const isSearched = isCropped && isStrategy(target.position);
    return {
      serialSeconds: isSearched ? strategySecondsPerMegapixel * megapixels(scaled) : 0,
      // It streams, in strips, one a thread.
      parallelSeconds:
        secondsPerMegapixel.read * megapixels(image) +
        secondsPerMegapixel.written * megapixels(isSearched ? scaled : final),
      heldBytes: isSearched ? heldPixels({ ...image, ...scaled }, strategyBytesPerPixel) : 0,
    };
  },
  apply: (pipeline, target, image) => {
    const { scaled, final } = resizeGeometry(image, target);
    const { kernel } = target;
    // Said in full, the size does not depend on how far sharp let the decoder shrink a JPEG or WebP beforehand: each
    // such step rounds, and an axis left to sharp can come out one pixel off.
    if (scaled.width === final.width && scaled.height === final.height) {
      return pipeline.resize({ ...final, fit: 'fill', kernel });
    }
    return pipeline.resize({ ...target, ...final });
  },
});
