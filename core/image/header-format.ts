import type { HeaderReader } from './header-reader.ts';
import type { Traits } from './traits.ts';

/** A format that can be told by its first bytes, and whose traits can be read from its header. */
export type HeaderFormat = {
  /** Whether a file that begins with these bytes is of this format. */
  matches(start: Uint8Array): boolean;
  /** Throws InvalidInputError: `UnreadableHeader`, or `UnsupportedFormat` for kinds that cannot be decoded. */
  readTraits(reader: HeaderReader): Promise<Traits>;
};

/** Whether `bytes` have this text (one character a byte) at `offset`: how signatures are compared. */
export const hasText = (bytes: Uint8Array, text: string, offset = 0): boolean =>
  bytes.length >= offset + text.length &&
  Array.from(text).every((character, index) => bytes[offset + index] === character.charCodeAt(0));
