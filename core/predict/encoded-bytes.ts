import { pixelBytes } from '../filters/pixel-bytes.ts';
import type { ImageState } from '../image/image-state.ts';
import type { InputFormat } from '../image/traits.ts';
import type { Bounded } from './estimate.ts';
import type { StageTarget } from './plan.ts';

/**
 * Bytes per pixel of encoded files. The medians are those of photographs at the default quality; the upper ones are
 * what noise at the highest quality takes.
 */
const bytesPerPixel: Readonly<Record<InputFormat, Bounded>> = {
  jpeg: { median: 0.35, upper: 3 },
  png: { median: 2, upper: 8 },
  webp: { median: 0.25, upper: 2 },
  avif: { median: 0.2, upper: 2 },
  gif: { median: 0.6, upper: 1.5 },
  tiff: { median: 2, upper: 8 },
};

/** What a lossless encoder writes of noise: every byte, and a little more. */
const incompressible = 1.05;

/** Headers and tables, which a small picture consists of. */
const headerBytes = 2048;

/** Bytes of the file that a stage writes for a recipe. */
export const encodedBytes = (picture: ImageState, target: Extract<StageTarget, { kind: 'output' }>): Bounded => {
  const pixels = picture.width * picture.height;
  const isLossless =
    target.format === 'png' || target.options.lossless === true || target.options.nearLossless === true;
  const { median, upper } = isLossless
    ? { median: bytesPerPixel.png.median, upper: pixelBytes(picture) * incompressible }
    : bytesPerPixel[target.format];
  return { median: headerBytes + pixels * Math.min(median, upper), upper: headerBytes + pixels * upper };
};

/** Bytes of a picture's pixels in an uncompressed intermediate. */
export const intermediateBytes = (picture: ImageState): number =>
  headerBytes + picture.width * picture.height * pixelBytes(picture);
