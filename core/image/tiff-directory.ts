import type { ByteOrder, Cursor } from './cursor.ts';
import type { HeaderReader } from './header-reader.ts';
import { unreadableHeader } from './input-errors.ts';
import { tiffTypeBytes } from './tiff-tags.ts';

/** How a TIFF writes its numbers, and where its first directory is. */
export type TiffHeader = { byteOrder: ByteOrder; isBig: boolean; firstDirectory: number };

/** One field: `at` is the byte of the file where its values begin, be it in the entry itself or elsewhere. */
export type TiffField = { type: number; count: number; at: number; bytes: number };

/** One page's fields by tag, and where the next page's directory is: 0 behind the last. */
export type TiffDirectory = {
  offset: number;
  next: number;
  fields: Map<number, TiffField>;
  /** What the directory takes of the file: itself and the values elsewhere that lie in the file. */
  bytes: number;
};

// libtiff takes a longer directory for none.
const maxFields = 4096;
// Writers put a directory's longer values right before it or right behind it.
const leadBytes = 4096;

const readers = new Map<number, (cursor: Cursor) => number>([
  [1, (cursor) => cursor.u8()],
  [3, (cursor) => cursor.u16()],
  [4, (cursor) => cursor.u32()],
  [13, (cursor) => cursor.u32()],
  [16, (cursor) => cursor.u64()],
  [18, (cursor) => cursor.u64()],
]);

/** Reads the 8 bytes that a TIFF begins with, 16 of a BigTIFF. */
export const readTiffHeader = async (reader: HeaderReader): Promise<TiffHeader> => {
  const order = await reader.cursor(0, 4, 'a TIFF header');
  const byteOrder = order.text(2) === 'II' ? 'little' : 'big';
  order.byteOrder = byteOrder;
  const isBig = order.u16() === 43;
  const rest = await reader.cursor(4, isBig ? 12 : 4, 'a TIFF header');
  rest.byteOrder = byteOrder;
  if (isBig) {
    const [offsetBytes, constant] = [rest.u16(), rest.u16()];
    if (offsetBytes !== 8 || constant !== 0) {
      throw unreadableHeader('a BigTIFF header with offsets of 8 bytes', `offsets of ${offsetBytes}, ${constant}`, 4);
    }
  }
  const firstDirectory = isBig ? rest.u64() : rest.u32();
  if (firstDirectory === 0) {
    throw unreadableHeader('the offset of a TIFF directory', '0', 4);
  }
  return { byteOrder, isBig, firstDirectory };
};

/** Reads the directory at `offset`, but none of the values that are kept elsewhere. */
export const readTiffDirectory = async (
  reader: HeaderReader,
  { byteOrder, isBig }: TiffHeader,
  offset: number,
): Promise<TiffDirectory> => {
  const [countBytes, entryBytes, inlineBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const start = Math.max(0, offset - leadBytes);
  await reader.atMost(start, offset - start + countBytes);
  const counter = await reader.cursor(offset, countBytes, 'a TIFF directory');
  counter.byteOrder = byteOrder;
  const count = isBig ? counter.u64() : counter.u16();
  if (count === 0 || count > maxFields) {
    throw unreadableHeader(`a TIFF directory of 1 to ${maxFields} fields`, `one of ${count}`, offset);
  }
  const cursor = await reader.cursor(offset + countBytes, count * entryBytes, 'a TIFF directory');
  cursor.byteOrder = byteOrder;
  const fields = new Map<number, TiffField>();
  let bytes = countBytes + count * entryBytes + inlineBytes;
  for (let index = 0; index < count; index++) {
    cursor.position = index * entryBytes;
    const [tag, type] = [cursor.u16(), cursor.u16()];
    const values = isBig ? cursor.u64() : cursor.u32();
    const valueBytes = values * (tiffTypeBytes.get(type) ?? 0);
    const isInline = valueBytes <= inlineBytes;
    const at = isInline ? cursor.fileOffset : isBig ? cursor.u64() : cursor.u32();
    if (!isInline && at + valueBytes <= reader.size) {
      bytes += valueBytes;
    }
    // Of fields that come twice libtiff takes the first.
    if (!fields.has(tag)) {
      fields.set(tag, { type, count: values, at, bytes: valueBytes });
    }
  }
  return {
    offset,
    next: await readNext(reader, byteOrder, offset + countBytes + count * entryBytes, isBig),
    fields,
    bytes,
  };
};

/** The offset behind the last entry; none in a file that ends there, as in libtiff. */
const readNext = async (reader: HeaderReader, byteOrder: ByteOrder, at: number, isBig: boolean): Promise<number> => {
  const length = isBig ? 8 : 4;
  if (at + length > reader.size) return 0;
  const cursor = await reader.cursor(at, length, 'a TIFF directory');
  cursor.byteOrder = byteOrder;
  return isBig ? cursor.u64() : cursor.u32();
};

/** The first `most` values of a field of whole numbers: none where the field is missing. */
export const readTiffNumbers = async (
  reader: HeaderReader,
  { byteOrder }: TiffHeader,
  field: TiffField | undefined,
  most = 1,
): Promise<number[]> => {
  const read = readers.get(field?.type ?? 0);
  if (field === undefined || field.count === 0) return [];
  if (read === undefined) {
    throw unreadableHeader('a TIFF field of whole numbers', `one of type ${field.type}`, field.at);
  }
  const count = Math.min(field.count, most);
  const cursor = await reader.cursor(
    field.at,
    count * (tiffTypeBytes.get(field.type) ?? 0),
    'the values of a TIFF field',
  );
  cursor.byteOrder = byteOrder;
  return Array.from({ length: count }, () => read(cursor));
};
