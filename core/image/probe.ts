import { avif } from './avif.ts';
import type { ByteSource } from './byte-source.ts';
import { describeForeignFormat } from './foreign-formats.ts';
import { gif } from './gif.ts';
import type { HeaderFormat } from './header-format.ts';
import { HeaderReader } from './header-reader.ts';
import { emptyFile, hex, unsupportedFormat } from './input-errors.ts';
import { jpeg } from './jpeg.ts';
import { png } from './png.ts';
import { tiff } from './tiff.ts';
import type { Traits } from './traits.ts';
import { webp } from './webp.ts';

const headerFormats: readonly HeaderFormat[] = [jpeg, png, webp, avif, gif, tiff];
// More than any signature needs, and enough of a text to find out what it is.
const startBytes = 1024;

/**
 * What a picture's header tells, in few and small reads: an ordinary file costs one or two of them and at most
 * 64 KiB, any file at most 32 and 1 MiB. The format is decided by content alone.
 * The traits are what the decoder itself would say of the file (sharp's `metadata`): see `Traits`.
 *
 * Throws InvalidInputError with the code
 * - `EmptyFile`: 0 bytes;
 * - `UnsupportedFormat`: something else than JPEG, PNG, WebP, AVIF, GIF or TIFF, or a kind of these that cannot be decoded;
 * - `UnreadableHeader`: the header is cut off, contradicts itself or goes on past the bounds.
 *
 * Whatever the source throws passes through.
 */
export const probe = async (source: ByteSource): Promise<Traits> => {
  if (source.size === 0) {
    throw emptyFile();
  }
  const reader = new HeaderReader(source);
  const start = await reader.atMost(0, startBytes);
  const format = headerFormats.find(({ matches }) => matches(start));
  if (!format) {
    const foreign = describeForeignFormat(start);
    throw unsupportedFormat(
      foreign?.name ?? `no format known here (it begins with the bytes ${hex(start.subarray(0, 12))})`,
      foreign?.reason,
    );
  }
  return await format.readTraits(reader);
};
