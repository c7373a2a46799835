import { InvalidInputError } from '../errors.ts';

const acceptedFormats = 'JPEG, PNG, WebP, AVIF, GIF or TIFF';

/** The header is cut off, contradicts itself or lies out of reach: `offset` is the byte at which reading stopped. */
export const unreadableHeader = (expected: string, received: string, offset: number): InvalidInputError =>
  new InvalidInputError(
    `Expected ${expected} at byte ${offset} but received ${received}. ` +
      'The file is damaged or incomplete: upload an intact copy.',
    { code: 'UnreadableHeader' },
  );

/** A file that is something else than an accepted picture, or a kind of one that no decoder here can decode. */
export const unsupportedFormat = (received: string, reason?: string): InvalidInputError =>
  new InvalidInputError(
    `Expected a ${acceptedFormats} picture but received ${received}${reason ? `, which ${reason}` : ''}. ` +
      'Save it in one of these formats and upload it again.',
    { code: 'UnsupportedFormat' },
  );

/** A file without a single byte: an interrupted upload, or a placeholder that a sync tool made. */
export const emptyFile = (): InvalidInputError =>
  new InvalidInputError(
    `Expected a ${acceptedFormats} picture but received a file of 0 bytes. Upload the picture itself.`,
    { code: 'EmptyFile' },
  );

/** Refuses a picture of so many frames, or pages, that merely finding them keeps a decoder busy: `TooManyFrames`. */
export const assertFrames = (format: string, count: number, most: number, what = 'frames'): void => {
  if (count > most) {
    throw new InvalidInputError(
      `Expected a ${format} of at most ${most} ${what} but received one of more. Upload it in parts.`,
      { code: 'TooManyFrames' },
    );
  }
};

/** Bytes as people look them up: `89 50 4e 47`. */
export const hex = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
