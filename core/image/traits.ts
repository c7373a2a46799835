/** The formats that Kadam reads, named as sharp names them; decided by content, never by the file's name. */
export const inputFormats = ['jpeg', 'png', 'webp', 'avif'] as const;
export type InputFormat = (typeof inputFormats)[number];

/** How many frames a picture has: `exact`, or `atLeast` where they are spread over the file and only the start was read. */
export type FrameCount = { count: number; known: 'exact' | 'atLeast' };

/**
 * Facts that the first kilobytes of a picture tell.
 * `width` and `height` are pixels as stored, before `orientation` (EXIF 1 to 8) is applied.
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
  /** Adam7 (PNG): decoding holds the whole picture in memory. */
  isInterlaced: boolean;
  /** Progressive scans (JPEG): decoding holds the whole picture in memory. */
  isProgressive: boolean;
  /** CMYK or YCCK (JPEG). */
  isCmyk: boolean;
  fileBytes: number;
};

/** Megapixels (10^6 pixels) of a size in pixels. */
export const megapixels = (size: { width: number; height: number }): number => (size.width * size.height) / 1e6;
