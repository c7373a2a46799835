import { closeSync, openSync, writeSync } from 'node:fs';
import { InternalError } from '../errors.ts';
import { tag } from '../image/tiff-tags.ts';
import { directoryBytes, type Entry, fileBytes, layoutOf, littleNumber, readDirectory } from './tiff-structure.ts';

/**
 * Intermediates of several pages: BigTIFFs whose pages are copied in and out as they are, without being decoded. libvips
 * reads every directory of a file whenever it opens one: page by page, 5,000 frames would take twelve minutes a stage.
 *
 * Only what libvips writes as an intermediate is read here: uncompressed strips, numbers in little-endian order. Files
 * are read and written synchronously, which costs a tenth of a promise each: the rendering process has nothing else to
 * do.
 */
export type PagedTiff = {
  file: number;
  /** Where the next page's bytes go. */
  end: number;
  /** Where the next page's directory is to be announced. */
  link: number;
};

/** Types of numbers (TIFF 6.0, section 2), and that of BigTIFF which holds offsets of 64 bits. */
const type = { short: 3, long: 4, long8: 16 };

const notAnIntermediate = (received: string): InternalError =>
  new InternalError(`Expected an uncompressed TIFF as libvips writes it but received ${received}. Report this.`, {
    code: 'NotAnIntermediate',
  });

const readAt = (file: number, position: number, length: number): Buffer => {
  const bytes = fileBytes(file)(position, length);
  if (bytes !== undefined) return bytes;
  throw notAnIntermediate(`one that ends before byte ${position + length}`);
};

const readLayout = (file: number) => {
  const layout = layoutOf(fileBytes(file));
  if (layout?.isLittle) return layout;
  throw notAnIntermediate('another file');
};

/** An entry's numbers: of offsets and byte counts, which libtiff writes in whatever width is enough. */
const numbersOf = (entries: readonly Entry[], wanted: number): number[] => {
  const entry = entries.find((candidate) => candidate.tag === wanted);
  if (entry === undefined) throw notAnIntermediate(`one without the tag ${wanted}`);
  const { value } = entry;
  const read = (index: number): number => {
    if (entry.type === type.short) return value.readUInt16LE(index * 2);
    return entry.type === type.long ? value.readUInt32LE(index * 4) : Number(value.readBigUInt64LE(index * 8));
  };
  return Array.from({ length: entry.count }, (_, index) => read(index));
};

/** Opens a file for the time of some work on it. */
export const withFile = async <Result>(
  path: string,
  flags: 'r' | 'r+' | 'w',
  work: (file: number) => Result | Promise<Result>,
): Promise<Result> => {
  const file = openSync(path, flags);
  try {
    return await work(file);
  } finally {
    closeSync(file);
  }
};

/** Where the directories of a file's pages are, in order. */
export const pagesOf = (file: number): number[] => {
  const layout = readLayout(file);
  const pages: number[] = [];
  for (let position = layout.first; position !== 0; ) {
    pages.push(position);
    position = readDirectory(fileBytes(file), layout, position).next;
  }
  return pages;
};

/** Begins an empty file: the header of a BigTIFF, and no page yet. */
export const beginPagedTiff = (file: number): PagedTiff => {
  const header = Buffer.from([0x49, 0x49, 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  writeSync(file, header, 0, header.length, 0);
  return { file, end: header.length, link: 8 };
};

/** Adds bytes at the end and answers where they stand. What follows begins at a multiple of eight, as values have to. */
const append = (target: PagedTiff, bytes: Buffer): number => {
  const position = target.end;
  writeSync(target.file, bytes, 0, bytes.length, position);
  target.end = position + Math.ceil(bytes.length / 8) * 8;
  return position;
};

/** Copies a page, the one whose directory stands at `position`, to the end of another file. */
export const appendPage = (target: PagedTiff, source: number, position: number): void => {
  const { entries } = readDirectory(fileBytes(source), readLayout(source), position);
  const sizes = numbersOf(entries, tag.stripByteCounts);
  const strips = numbersOf(entries, tag.stripOffsets).map((offset, index) =>
    littleNumber(append(target, readAt(source, offset, sizes[index] ?? 0)), 8),
  );
  const moved = entries.map((entry) =>
    entry.tag === tag.stripOffsets ? { ...entry, type: type.long8, value: Buffer.concat(strips) } : entry,
  );
  const directory = directoryBytes(moved, 0, { isBig: true }, (bytes) => append(target, bytes));
  const start = append(target, directory);
  writeSync(target.file, littleNumber(start, 8), 0, 8, target.link);
  target.link = start + directory.length - 8;
};
