import { readSync } from 'node:fs';
import { tiffTypeBytes } from '../image/tiff-tags.ts';

/** Bytes to read from: undefined for what lies outside of them. */
export type Bytes = (position: number, length: number) => Buffer | undefined;

/** The bytes of a buffer. */
export const bufferBytes =
  (buffer: Buffer): Bytes =>
  (position, length) =>
    position >= 0 && position + length <= buffer.length ? buffer.subarray(position, position + length) : undefined;

/** The bytes of an open file. */
export const fileBytes =
  (file: number): Bytes =>
  (position, length) => {
    const buffer = Buffer.allocUnsafe(length);
    return readSync(file, buffer, 0, length, position) === length ? buffer : undefined;
  };

/** How a TIFF is written: in which order of bytes, and with offsets of how many bits. */
export type Layout = { isLittle: boolean; isBig: boolean; first: number };

/** One entry of a directory: `value` are its bytes in little-endian order, wherever they were stored. */
export type Entry = { tag: number; type: number; count: number; value: Buffer };

const unsigned = (bytes: Buffer, { isLittle }: Layout): number => {
  const ordered = isLittle ? Buffer.from(bytes).reverse() : bytes;
  return ordered.reduce((sum, byte) => sum * 256 + byte, 0);
};

/** The layout that a TIFF's header tells; undefined where it is none. */
export const layoutOf = (bytes: Bytes): Layout | undefined => {
  const start = bytes(0, 8);
  const order = start?.toString('latin1', 0, 2);
  if (start === undefined || (order !== 'II' && order !== 'MM')) return undefined;
  const layout = { isLittle: order === 'II', isBig: false, first: 0 };
  const version = unsigned(start.subarray(2, 4), layout);
  if (version === 42) return { ...layout, first: unsigned(start.subarray(4), layout) };
  const first = version === 43 ? bytes(8, 8) : undefined;
  return first && { ...layout, isBig: true, first: unsigned(first, layout) };
};

/** Bytes of the count of entries, of one of them, and of an offset. */
export const widthsOf = ({ isBig }: Pick<Layout, 'isBig'>): { count: number; entry: number; offset: number } =>
  isBig ? { count: 8, entry: 20, offset: 8 } : { count: 2, entry: 12, offset: 4 };

/** A value's bytes with the low byte of each number first. */
const littleEndian = (value: Buffer, type: number, { isLittle }: Layout): Buffer => {
  if (isLittle) return value;
  const ordered = Buffer.from(value);
  // A rational is two numbers of four bytes.
  const width = type === 5 || type === 10 ? 4 : (tiffTypeBytes.get(type) ?? 1);
  if (width === 2) ordered.swap16();
  if (width === 4) ordered.swap32();
  if (width === 8) ordered.swap64();
  return ordered;
};

/** What a directory of a stranger's may hold: no program writes more entries, and larger values are no descriptions. */
const most = { entries: 1000, valueBytes: 2 ** 24 };

/**
 * The entries of the directory at `position`, and where the next one is. What lies outside of the file, is of an unknown
 * type or larger than 16 MiB is left out.
 */
export const readDirectory = (bytes: Bytes, layout: Layout, position: number): { entries: Entry[]; next: number } => {
  const widths = widthsOf(layout);
  const counted = bytes(position, widths.count);
  const count = counted === undefined ? 0 : unsigned(counted, layout);
  const body = count > most.entries ? undefined : bytes(position + widths.count, count * widths.entry + widths.offset);
  if (body === undefined) return { entries: [], next: 0 };
  const entries = Array.from({ length: count }, (_, index): Entry | undefined => {
    const raw = body.subarray(index * widths.entry, (index + 1) * widths.entry);
    const [tag, type] = [unsigned(raw.subarray(0, 2), layout), unsigned(raw.subarray(2, 4), layout)];
    const values = unsigned(raw.subarray(4, 4 + widths.offset), layout);
    const length = (tiffTypeBytes.get(type) ?? Number.POSITIVE_INFINITY) * values;
    if (length > most.valueBytes) return undefined;
    const inline = raw.subarray(4 + widths.offset);
    const value = length <= inline.length ? inline.subarray(0, length) : bytes(unsigned(inline, layout), length);
    return value && { tag, type, count: values, value: littleEndian(value, type, layout) };
  });
  return {
    entries: entries.filter((entry) => entry !== undefined),
    next: unsigned(body.subarray(count * widths.entry), layout),
  };
};

/** A number in little-endian order. */
export const littleNumber = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
};

/**
 * A directory in little-endian order, with its values stored by `append`, which answers where. Entries have to be in the
 * order of their tags.
 */
export const directoryBytes = (
  entries: readonly Entry[],
  next: number,
  { isBig }: Pick<Layout, 'isBig'>,
  append: (bytes: Buffer) => number,
): Buffer => {
  const widths = widthsOf({ isBig });
  const written = entries.map(({ tag, type, count, value }) => {
    const inline = value.length <= widths.offset ? value : littleNumber(append(value), widths.offset);
    return Buffer.concat(
      [littleNumber(tag, 2), littleNumber(type, 2), littleNumber(count, widths.offset), inline],
      widths.entry,
    );
  });
  return Buffer.concat([littleNumber(entries.length, widths.count), ...written, littleNumber(next, widths.offset)]);
};
