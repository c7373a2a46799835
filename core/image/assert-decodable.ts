import { InvalidInputError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { countJpegScans } from './count-jpeg-scans.ts';
import { countPngMetadata } from './count-png-metadata.ts';
import type { Traits } from './traits.ts';

// Encoders write about ten scans. Every one of them passes over the whole picture, so that 881 scans in 209 KB kept a
// decoder busy for 20 s, time-out or not.
const maxJpegScans = 100;
// 20 text chunks of 50 MB cost a decoder 7 to 15 s.
const maxPngMetadataBytes = 64 * 1024 * 1024;

/**
 * Refuses a staged picture that would keep a decoder busy out of proportion to its size: what only the whole file
 * tells, without decoding. `traits` are the probe's.
 *
 * Throws InvalidInputError with the code `TooManyScans` (a JPEG of more than 100) or `TooMuchMetadata` (a PNG with
 * more than 64 MiB in ancillary chunks).
 */
export const assertDecodable = async (source: ByteSource, traits: Traits): Promise<void> => {
  if (traits.isProgressive) {
    const scans = await countJpegScans(source);
    if (scans > maxJpegScans) {
      throw new InvalidInputError(
        `Expected a JPEG of at most ${maxJpegScans} scans but received one of ${scans}. ` +
          'Save it again as a baseline or an ordinary progressive JPEG and upload that.',
        { code: 'TooManyScans' },
      );
    }
  }
  if (traits.format === 'png') {
    const bytes = await countPngMetadata(source);
    if (bytes > maxPngMetadataBytes) {
      throw new InvalidInputError(
        `Expected a PNG with at most ${maxPngMetadataBytes} bytes of metadata but received one with ${bytes}. ` +
          'Save it again without its text and other metadata and upload that.',
        { code: 'TooMuchMetadata' },
      );
    }
  }
};
