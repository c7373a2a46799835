import { InvalidInputError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { pngSignature } from './png.ts';
import { walkFile } from './walk-file.ts';

// 20 text chunks of 50 MB cost a decoder 7 to 15 s.
const maxBytes = 64 * 1024 * 1024;
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

/** Refuses a PNG with more than 64 MiB in ancillary chunks: InvalidInputError with the code `TooMuchMetadata`. */
export const assertPngMetadata = async (source: ByteSource): Promise<void> => {
  const bytes = await countPngMetadata(source);
  if (bytes > maxBytes) {
    throw new InvalidInputError(
      `Expected a PNG with at most ${maxBytes} bytes of metadata but received one with ${bytes}. ` +
        'Save it again without its text and other metadata and upload that.',
      { code: 'TooMuchMetadata' },
    );
  }
};
