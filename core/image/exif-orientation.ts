import { hasText } from './header-format.ts';
import type { HeaderReader } from './header-reader.ts';

const orientationTag = 0x0112;
const prefixText = 'Exif\0\0';
// Writers put a dozen or two entries into the first directory; a longer one than this is not worth more reads.
const maxEntries = 512;

// The TIFF field types that libvips takes an orientation from, and how many bytes one value has.
const fieldBytes = new Map([
  [1, 1], // BYTE
  [3, 2], // SHORT, the one that the EXIF standard asks for
  [4, 4], // LONG
  [8, 2], // SSHORT
  [9, 4], // SLONG
]);

/**
 * The orientation (1 to 8) in the EXIF block between two bytes of the file. `prefix` says whether the block begins
 * with `Exif\0\0`: always in JPEG, never in PNG, sometimes in WebP.
 * As in libvips, which does the decoding, a block that is damaged or out of range means 1, and only the first
 * directory counts: the second one describes the embedded thumbnail.
 */
export const exifOrientation = async (
  reader: HeaderReader,
  start: number,
  end: number,
  prefix: 'required' | 'optional' | 'none',
): Promise<number> => {
  const hasPrefix = prefix !== 'none' && hasText(await reader.atMost(start, prefixText.length), prefixText);
  const tiff = hasPrefix ? start + prefixText.length : start;
  const blockEnd = Math.min(end, reader.size);
  if ((prefix === 'required' && !hasPrefix) || blockEnd - tiff < 8) {
    return 1;
  }
  const header = await reader.cursor(tiff, 8, 'an EXIF header');
  const order = header.text(2);
  if (order !== 'II' && order !== 'MM') {
    return 1;
  }
  const byteOrder = order === 'II' ? 'little' : 'big';
  header.byteOrder = byteOrder;
  if (header.u16() !== 42) {
    return 1;
  }
  const directory = tiff + header.u32();
  if (directory + 2 > blockEnd) {
    return 1;
  }
  const counter = await reader.cursor(directory, 2, 'an EXIF directory');
  counter.byteOrder = byteOrder;
  const count = Math.min(counter.u16(), maxEntries, Math.floor((blockEnd - directory - 2) / 12));
  const entries = await reader.cursor(directory + 2, count * 12, 'an EXIF directory');
  entries.byteOrder = byteOrder;
  for (let index = 0; index < count; index++) {
    entries.position = index * 12;
    if (entries.u16() === orientationTag) {
      const bytesPerValue = fieldBytes.get(entries.u16()) ?? 0;
      const values = entries.u32();
      const isInline = values > 0 && bytesPerValue > 0 && values * bytesPerValue <= 4;
      const value = !isInline
        ? 1
        : bytesPerValue === 1
          ? entries.u8()
          : bytesPerValue === 2
            ? entries.u16()
            : entries.u32();
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
};
