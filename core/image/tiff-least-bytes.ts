import type { TiffSamples } from './tiff-colours.ts';
import { photometric as meaning } from './tiff-tags.ts';

/**
 * How many bytes of pixels one byte of a coding can stand for at most: two bytes of PackBits repeat one 128 times; a code
 * of LZW has 12 bits and stands for up to 4,094 bytes; Deflate's longest match takes 2 bits for 258 (zlib's own figure).
 * The other codings have no such bound, or none that says anything.
 */
const largestRatios: Readonly<Record<string, number>> = { none: 1, packbits: 64, lzw: 2730, deflate: 1032 };

/** Strips and tiles that are the same may be stored once: by this factor a file may be smaller than its pixels. */
const sharing = 100_000;

/** Bytes that a page's pixels take in the file at least, whatever they are: with fewer, the file is not whole. */
export const tiffLeastBytes = (
  { width, height }: { width: number; height: number },
  { samples, bits, coding, photometric }: TiffSamples,
): number => {
  const ratio = largestRatios[coding];
  // Colours of YCbCr may be stored for fewer pixels than there are.
  if (ratio === undefined || photometric === meaning.ycbcr) return 0;
  return Math.floor((Math.ceil((width * samples * bits) / 8) * height) / ratio / sharing);
};
