import { InvalidInputError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { marker, standsAlone } from './jpeg-markers.ts';
import { walkFile } from './walk-file.ts';

// Encoders write about ten scans. Every one of them passes over the whole picture, so that 881 scans in 209 KB kept a
// decoder busy for 20 s, time-out or not.
const maxScans = 100;
// A marker and the length of its segment.
const segmentHeadBytes = 4;

/**
 * The number of scans in a staged JPEG, found by its markers without decoding: segments are skipped by their length,
 * coded data is searched for the next marker. It reads all coded data once, so it is for local files.
 * A damaged file is counted as far as its markers go: what is wrong with it, the decoder will say.
 */
export const countJpegScans = async (source: ByteSource): Promise<number> => {
  let scans = 0;
  await walkFile(source, 2, (bytes) => {
    let at = bytes.indexOf(0xff);
    while (at !== -1 && at + segmentHeadBytes <= bytes.length) {
      const [, code = 0, high = 0, low = 0] = bytes.subarray(at, at + segmentHeadBytes);
      if (code === marker.endOfImage) {
        return 0;
      }
      if (code === marker.startOfScan) {
        scans += 1;
      }
      // A zero makes 0xff a value of coded data, a second 0xff is filling before a marker.
      const hasSegment = code !== 0 && code !== 0xff && !standsAlone(code);
      const next = at + (code === 0xff ? 1 : 2) + (hasSegment ? Math.max(2, high * 256 + low) : 0);
      if (next >= bytes.length) {
        return next;
      }
      at = bytes.indexOf(0xff, next);
    }
    // A marker across the end is read again at the start of the next bytes; at the end of the file that ends the walk.
    return at === -1 ? bytes.length : at;
  });
  return scans;
};

/** Refuses a JPEG, or a TIFF's tile that is one, of more than 100 scans: InvalidInputError with the code `TooManyScans`. */
export const assertJpegScans = async (source: ByteSource): Promise<void> => {
  const scans = await countJpegScans(source);
  if (scans > maxScans) {
    throw new InvalidInputError(
      `Expected a JPEG of at most ${maxScans} scans but received one of ${scans}. ` +
        'Save it again as a baseline or an ordinary progressive JPEG and upload that.',
      { code: 'TooManyScans' },
    );
  }
};
