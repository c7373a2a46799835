import type { ByteSource } from './byte-source.ts';
import { pngSignature } from './png.ts';
import { walkFile } from './walk-file.ts';

const chunkHeadBytes = 8;
const chunkOverheadBytes = 12;
// Critical chunks have a capital first letter: bit 5 is what makes it a small one.
const ancillaryBit = 0x20;
const endOfPicture = 0x49454e44; // IEND

/**
 * How many bytes the ancillary chunks of a staged PNG declare (text, profiles, EXIF, private ones; before and behind
 * the picture), by a walk from chunk header to chunk header.
 */
export const countPngMetadata = async (source: ByteSource): Promise<number> => {
  let total = 0;
  await walkFile(source, pngSignature.length, (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at + chunkHeadBytes <= bytes.length) {
      const length = view.getUint32(at);
      if (view.getUint32(at + 4) === endOfPicture) {
        return 0;
      }
      if ((view.getUint8(at + 4) & ancillaryBit) !== 0) {
        total += length;
      }
      at += chunkOverheadBytes + length;
    }
    return at;
  });
  return total;
};
