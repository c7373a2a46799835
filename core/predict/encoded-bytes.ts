import { pixelBytes } from '../filters/pixel-bytes.ts';
import type { ImageState } from '../image/image-state.ts';
import type { InputFormat } from '../image/traits.ts';
import type { Bounded } from './estimate.ts';
import type { StageTarget } from './plan.ts';
import { registeredFormat } from './registered.ts';

/**
 * Bytes per pixel of encoded files that lose detail. The medians are those of photographs at the default quality; the
 * upper ones are what noise at the highest quality takes.
 */
const bytesPerPixel: Readonly<Record<InputFormat, Bounded>> = {
  jpeg: { median: 0.35, upper: 3 },
  // With a palette.
  png: { median: 0.6, upper: 1.2 },
  webp: { median: 0.25, upper: 2 },
  avif: { median: 0.2, upper: 2 },
  // An animation's frames measured 1.05; noise of 256 colours takes a byte and a half.
  gif: { median: 0.8, upper: 1.5 },
  // Coded as JPEG or WebP.
  tiff: { median: 0.35, upper: 3 },
};

/** The same of photographs of 8 bits where none is lost; without any compression it is every byte. */
const losslessMedian = 2;

/**
 * What a lossless encoder writes of noise, of its bytes: LZW made 1.13 of a photograph without a predictor, tiles end
 * beyond the picture, and the levels of a pyramid add a third.
 */
const largestShare = ({ pyramid }: Record<string, unknown>): number => (pyramid === true ? 1.6 : 1.2);

/** Headers and tables, which a small picture consists of. */
const headerBytes = 2048;

/** Bytes of the file that a stage writes for a recipe. */
export const encodedBytes = (picture: ImageState, target: Extract<StageTarget, { kind: 'output' }>): Bounded => {
  const pixels = picture.width * picture.height * picture.pages;
  const format = registeredFormat(target.format);
  const bitDepth = Math.min(picture.bitDepth, format.bitDepth(target.options));
  const bytes = pixelBytes({ ...picture, bitDepth });
  const { median, upper } = format.isLossless(target.options)
    ? {
        median: target.options.compression === 'none' ? bytes : losslessMedian * (bitDepth > 8 ? 2 : 1),
        upper: bytes * largestShare(target.options),
      }
    : bytesPerPixel[target.format];
  return { median: headerBytes + pixels * Math.min(median, upper), upper: headerBytes + pixels * upper };
};

/** Bytes of a picture's pixels in an uncompressed intermediate. */
export const intermediateBytes = (picture: ImageState): number =>
  headerBytes * picture.pages + picture.width * picture.height * picture.pages * pixelBytes(picture);
