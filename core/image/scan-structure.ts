import type { ByteSource } from './byte-source.ts';
import { assertJpegScans } from './count-jpeg-scans.ts';
import { assertPngMetadata } from './count-png-metadata.ts';
import { scanGif } from './scan-gif.ts';
import { scanTiff } from './scan-tiff.ts';
import { scanWebp } from './scan-webp.ts';
import type { Traits } from './traits.ts';

/**
 * The exact traits of a staged picture: what only the whole file tells, read without decoding. Frames are `exact` in
 * them. `traits` are the probe's.
 *
 * Refuses what would keep a decoder busy out of proportion to its size, by InvalidInputError with the code
 * - `TooManyScans`: a JPEG, or a tile of a TIFF, of more than 100;
 * - `TooMuchMetadata`: more than 64 MiB in a PNG's ancillary chunks, or a TIFF's directories that share their values;
 * - `TooManyFrames`: more than 100,000 frames of a GIF, 20,000 of a WebP, 20,000 pages of a TIFF;
 * - `FramesBeyondCanvas`, `TooMuchPadding`: a GIF's frames, a TIFF's tiles far larger than the picture;
 * - `UnreadableHeader`, `UnsupportedFormat`: as the probe, where the damage or the kind shows in the rest of the file.
 *
 * How many frames and pixels are worth their cost is not decided here, but by the estimate.
 */
export const scanStructure = async (source: ByteSource, traits: Traits): Promise<Traits> => {
  switch (traits.format) {
    case 'gif':
      return await scanGif(source);
    case 'tiff':
      return await scanTiff(source, traits);
    case 'webp':
      return traits.frames.known === 'exact' ? traits : await scanWebp(source, traits);
    case 'jpeg':
      if (traits.isProgressive) await assertJpegScans(source);
      return traits;
    case 'png':
      await assertPngMetadata(source);
      return traits;
    case 'avif':
      // Of a sequence the decoder shows the still picture.
      return { ...traits, frames: { count: 1, known: 'exact' } };
  }
};
