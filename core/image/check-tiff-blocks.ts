import type { ByteSource } from './byte-source.ts';
import { assertJpegScans } from './count-jpeg-scans.ts';
import { HeaderReader } from './header-reader.ts';
import { unreadableHeader, unsupportedFormat } from './input-errors.ts';
import { readTiffNumbers, type TiffField, type TiffHeader } from './tiff-directory.ts';
import type { TiffPage } from './tiff-page.ts';

const MiB = 1024 * 1024;
// libvips lets libtiff hold 50 MiB in all, and libtiff holds a coded strip or tile as a whole. 49 MiB pass, 50 do not.
const maxCodedBytes = 49.5 * MiB;
const valuesPerRead = 65_536;
// Shorter tables lie near their directory, which has just been read.
const shortTableBytes = 2048;

type Tables = { count: number; offsets: TiffField; byteCounts: TiffField };

/** A stretch of a file as a source of its own. */
const part = (source: ByteSource, start: number, size: number): ByteSource => ({
  size,
  read: (offset, length) => source.read(start + offset, Math.min(length, size - offset)),
});

/** Some of a field's values, of which there may be millions. */
const readPart = (
  reader: HeaderReader,
  header: TiffHeader,
  field: TiffField,
  from: number,
  count: number,
): Promise<number[]> =>
  readTiffNumbers(reader, header, { ...field, at: field.at + (from * field.bytes) / field.count, count }, count);

/** The places and bytes of all strips or tiles, so many at once. */
async function* readTables(
  source: ByteSource,
  reader: HeaderReader,
  header: TiffHeader,
  { count, offsets, byteCounts }: Tables,
): AsyncGenerator<{ offset: number; bytes: number }[]> {
  const isShort = offsets.bytes + byteCounts.bytes <= shortTableBytes;
  for (let from = 0; from < count; from += valuesPerRead) {
    const length = Math.min(valuesPerRead, count - from);
    const read = (field: TiffField) =>
      readPart(isShort ? reader : new HeaderReader(source), header, field, from, length);
    const [places, sizes] = [await read(offsets), await read(byteCounts)];
    yield places.map((offset, index) => ({ offset, bytes: sizes[index] ?? 0 }));
  }
}

/**
 * A check of where the strips or tiles of a TIFF's pages are, one page after another, and a look into tiles that are
 * JPEGs of their own. `reader` is the one that the page was read with.
 *
 * Throws InvalidInputError with the code `UnreadableHeader` (a table that is too short or out of the file; a tile that
 * ends behind the file, or tiles that overlap: the decoder would fill them with anything), `UnsupportedFormat` (a strip
 * or tile of more coded bytes than the decoder may hold) or `TooManyScans` (a JPEG tile of more than 100).
 */
export const blockChecker = (
  source: ByteSource,
  header: TiffHeader,
): ((reader: HeaderReader, page: TiffPage) => Promise<void>) => {
  // Blank tiles are sometimes stored once and shared.
  const tiles = new Set<number>();
  let tileBytes = 0;
  const checkTile = async (offset: number, bytes: number, isJpeg: boolean): Promise<void> => {
    if (tiles.has(offset)) return;
    tiles.add(offset);
    tileBytes += bytes;
    if (offset + bytes > source.size || tileBytes > source.size) {
      throw unreadableHeader(`TIFF tiles of ${source.size} bytes in all`, `one more of ${bytes} bytes`, offset);
    }
    if (isJpeg) await assertJpegScans(part(source, offset, bytes));
  };
  return async (reader, { traits, blocks, offsets, byteCounts }) => {
    const kind = blocks.isTiled ? 'tile' : 'strip';
    const known = Math.min(offsets.count, byteCounts?.count ?? offsets.count);
    if (known < blocks.count) {
      throw unreadableHeader(`the places of ${blocks.count} ${kind}s of a TIFF`, `those of ${known}`, offsets.at);
    }
    // Where counts are missing, libtiff works them out.
    if (byteCounts === undefined) return;
    for await (const some of readTables(source, reader, header, { count: blocks.count, offsets, byteCounts })) {
      const largest = some.reduce((most, { bytes }) => Math.max(most, bytes), 0);
      if (blocks.isLoadedWhole && largest > maxCodedBytes) {
        throw unsupportedFormat(
          `a TIFF with a ${kind} of ${Math.ceil(largest / MiB)} MiB`,
          `is more than the ${Math.floor(maxCodedBytes / MiB)} MiB that can be decoded at once: use smaller ${kind}s`,
        );
      }
      if (!blocks.isTiled) continue;
      for (const { offset, bytes } of some) {
        await checkTile(offset, bytes, traits.compression === 'jpeg');
      }
    }
  };
};
