/** The formats that Kadam reads, named as sharp names them; decided by content, never by the file's name. */
export const inputFormats = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const;
export type InputFormat = (typeof inputFormats)[number];

/**
 * How many frames a picture has: the frames of an animation (GIF, WebP) or the pages of a document (TIFF). `exact`, or
 * `atLeast` where they are spread over the file and only its start was read.
 */
export type FrameCount = { count: number; known: 'exact' | 'atLeast' };

/**
 * The codings of TIFF that the locked decoder decodes; named as sharp's encoder names them, with all that fax machines
 * made under the last of theirs. Zstandard, which sharp also names, is not built into its libtiff.
 */
export const tiffCompressions = ['none', 'lzw', 'deflate', 'jpeg', 'packbits', 'ccittfax4', 'webp'] as const;
export type TiffCompression = (typeof tiffCompressions)[number];

/**
 * Facts that the first kilobytes of a picture tell, and, once a worker has scanned the whole file, all of it.
 * `width` and `height` are pixels as stored, before `orientation` (EXIF 1 to 8) is applied: of the canvas that an
 * animation's frames are drawn on, of the first of several pages.
 */
export type Traits = {
  format: InputFormat;
  width: number;
  height: number;
  frames: FrameCount;
  /** Colour and alpha channels: 1 grey, 2 grey + alpha, 3 colour, 4 colour + alpha or CMYK. Palettes count as colour. */
  channels: number;
  /** Bits per channel as stored: 1 to 16. */
  bitDepth: number;
  hasAlpha: boolean;
  /** Whether an ICC profile is embedded: applying it is a cost term of its own. */
  hasProfile: boolean;
  orientation: number;
  /** Adam7 (PNG), which holds the whole picture in memory while it is decoded, or interlaced rows (GIF). */
  isInterlaced: boolean;
  /** Progressive scans (JPEG): decoding holds the whole picture in memory. */
  isProgressive: boolean;
  /** CMYK or YCCK (JPEG), or separated colours (TIFF). */
  isCmyk: boolean;
  /** Stored in tiles, not in rows or strips (TIFF). */
  isTiled: boolean;
  /**
   * Rows of a TIFF that are decoded and held together: the height of its tiles, or of strips that are read whole. 1 where
   * rows are read one by one; absent for the other formats.
   */
  blockRows?: number;
  /** How a TIFF's pixels are coded; absent for the other formats, whose name says it. */
  compression?: TiffCompression;
  /** False where a TIFF's pages differ in size or kind of pixels, which only a scan of the whole file tells. */
  hasEqualFrames: boolean;
  fileBytes: number;
};

/** Megapixels (10^6 pixels) of a size in pixels, over all pages where it has several. */
export const megapixels = ({ width, height, pages = 1 }: { width: number; height: number; pages?: number }): number =>
  (width * height * pages) / 1e6;
