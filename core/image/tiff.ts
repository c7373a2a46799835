import { type HeaderFormat, hasText } from './header-format.ts';
import { unreadableHeader } from './input-errors.ts';
import { readTiffDirectory, readTiffHeader } from './tiff-directory.ts';
import { readTiffPage } from './tiff-page.ts';

const signatures = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

/**
 * TIFF (revision 6.0) and BigTIFF in both byte orders: traits of the first page. Its directory is read wherever it is,
 * usually at the end of the file, but nothing of where its strips or tiles are: a header alone is enough.
 */
export const tiff: HeaderFormat = {
  // Canon's raw files begin as a TIFF, and then say so.
  matches: (start) => signatures.some((signature) => hasText(start, signature)) && !hasText(start, 'CR\x02', 8),

  async readTraits(reader) {
    const header = await readTiffHeader(reader);
    const directory = await readTiffDirectory(reader, header, header.firstDirectory);
    const { traits } = await readTiffPage(reader, header, directory);
    const { next, offset } = directory;
    if (next >= reader.size || next === offset) {
      throw unreadableHeader(`another TIFF page, within ${reader.size} bytes,`, `byte ${next}`, offset);
    }
    return {
      format: 'tiff',
      frames: next === 0 ? { count: 1, known: 'exact' } : { count: 2, known: 'atLeast' },
      hasEqualFrames: true,
      fileBytes: reader.size,
      ...traits,
    };
  },
};
