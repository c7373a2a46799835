import { pixelBytes } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels, type TiffCompression, type Traits } from '../image/traits.ts';
import type { Cost } from '../predict/cost.ts';
import { profileSeconds } from './profile-cost.ts';

/**
 * CPU seconds per megapixel of 8-bit colour by coding, measured on 71 megapixels in strips and tiles; one thread. Grey
 * takes a third, 16 bits twice as long.
 */
const secondsByCompression: Readonly<Record<TiffCompression, number>> = {
  none: 0.003,
  packbits: 0.003,
  jpeg: 0.006,
  deflate: 0.012,
  lzw: 0.016,
  webp: 0.025,
  // Of one bit a pixel, dithered, which is the worst case.
  ccittfax4: 0.009,
};

/** What a header does not say counts as slow. */
const slowestSeconds = 0.025;

/** Libtiff expands YCbCr samples that share colours, and planes of their own are read one by one. */
const leastSecondsPerMegapixel = 0.003;

/** Two rows of tiles, or two strips, are held at once: one that is read and one that was. */
const heldBlocks = 2;

/** Rows of a tile where nothing says how many there are: what most programs write. */
const usualBlockRows = 256;

/** The cost of decoding pages of a TIFF. They stream: only the blocks that are decoded together are held. */
export const tiffDecodeCost = (traits: Traits, pages: number): Cost => {
  const { compression, width, height, blockRows = usualBlockRows } = traits;
  const bytes = pixelBytes(decodedState(traits));
  const perColour = compression === undefined ? slowestSeconds : secondsByCompression[compression];
  const perMegapixel = Math.max(leastSecondsPerMegapixel, perColour * (bytes / 3));
  return {
    serialSeconds: (perMegapixel * megapixels(traits) + profileSeconds(traits)) * pages,
    parallelSeconds: 0,
    heldBytes: heldBlocks * Math.min(blockRows, height) * width * bytes,
  };
};
