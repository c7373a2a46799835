import { unsupportedFormat } from './input-errors.ts';
import type { TiffCompression } from './traits.ts';

// What the libtiff inside the locked sharp decodes to right pictures; tried one by one.
const codings = new Map<number, TiffCompression>([
  [1, 'none'],
  [2, 'ccittfax4'],
  [3, 'ccittfax4'],
  [4, 'ccittfax4'],
  [5, 'lzw'],
  [7, 'jpeg'],
  [8, 'deflate'],
  [32_946, 'deflate'],
  [32_773, 'packbits'],
  [50_001, 'webp'],
]);

// Names of what it does not decode, or (in tiles) fills with anything without a word.
const foreignCodings = new Map([
  [6, 'old-style JPEG'],
  [32_766, 'NeXT run lengths'],
  [32_767, "Sony's raw coding"],
  [32_769, "Epson's raw coding"],
  [32_770, "Samsung's raw coding"],
  [32_771, 'CCITT run lengths in words'],
  [32_809, 'ThunderScan'],
  [32_867, "Kodak's raw coding"],
  [32_909, 'PixarLog'],
  [33_003, 'JPEG 2000'],
  [33_004, 'JPEG 2000'],
  [33_005, 'JPEG 2000'],
  [34_661, 'JBIG'],
  [34_676, 'SGI log luminance'],
  [34_677, 'SGI log luminance'],
  [34_712, 'JPEG 2000'],
  [34_713, "Nikon's raw coding"],
  [34_887, 'LERC'],
  [34_892, 'the lossy JPEG of DNG'],
  [34_925, 'LZMA'],
  [34_933, 'PNG'],
  [34_934, 'JPEG XR'],
  [50_000, 'Zstandard'],
  [50_002, 'JPEG XL'],
  [52_546, 'JPEG XL'],
  [65_000, "Kodak's raw coding"],
  [65_535, "Pentax's raw coding"],
]);

/** The coding that a TIFF's number for it means. Throws InvalidInputError `UnsupportedFormat`, which names any other. */
export const tiffCoding = (code: number): TiffCompression => {
  const coding = codings.get(code);
  if (coding === undefined) {
    throw unsupportedFormat(`a TIFF coded as ${foreignCodings.get(code) ?? `number ${code}`}`, 'cannot be decoded');
  }
  return coding;
};
