import { fstatSync, writeSync } from 'node:fs';
import { InternalError } from '../errors.ts';
import {
  type Bytes,
  directoryBytes,
  type Entry,
  fileBytes,
  type Layout,
  layoutOf,
  littleNumber,
  readDirectory,
  widthsOf,
} from './tiff-structure.ts';

/**
 * What a first directory says of the picture as a photograph (TIFF 6.0, section 8; Exif 3.0, table 3; Windows' XP* tags):
 * its description, make and model, date, artist, copyright. What describes the pixels is the encoder's own.
 */
const descriptive: ReadonlySet<number> = new Set([
  270, 271, 272, 305, 306, 315, 316, 18_246, 33_432, 40_091, 40_092, 40_093, 40_094, 40_095,
]);

/** Tags that point to directories of their own: Exif, GPS and, within Exif, interoperability. */
const pointer = { exif: 34_665, gps: 34_853, interoperability: 40_965 };

/** A number of 32 bits, which classic TIFF points with; a file that is larger has offsets of 64. */
const type = { long: 4, long8: 16 };

/** A file that is written to at its end. */
type Target = { file: number; layout: Layout; end: number };

const append = (target: Target, bytes: Buffer): number => {
  // Directories and values begin at even bytes.
  const position = target.end + (target.end % 2);
  writeSync(target.file, bytes, 0, bytes.length, position);
  target.end = position + bytes.length;
  return position;
};

const appendDirectory = (target: Target, entries: readonly Entry[], next: number): number => {
  const ordered = [...entries].sort((one, other) => one.tag - other.tag);
  return append(
    target,
    directoryBytes(ordered, next, target.layout, (bytes) => append(target, bytes)),
  );
};

/** An entry that points to a copy of the directory that this one points to. */
const copiedDirectory = (target: Target, bytes: Bytes, layout: Layout, entry: Entry): Entry[] => {
  const position = entry.value.length >= 8 ? Number(entry.value.readBigUInt64LE()) : entry.value.readUInt32LE();
  const { entries } = readDirectory(bytes, layout, position);
  if (entries.length === 0) return [];
  const whole = entries.flatMap((inner) =>
    inner.tag === pointer.interoperability ? copiedDirectory(target, bytes, layout, inner) : [inner],
  );
  const start = appendDirectory(target, whole, 0);
  const { offset } = widthsOf(target.layout);
  return [
    { tag: entry.tag, type: offset === 8 ? type.long8 : type.long, count: 1, value: littleNumber(start, offset) },
  ];
};

const isPointer = ({ tag, value }: Entry): boolean =>
  (tag === pointer.exif || tag === pointer.gps) && (value.length === 4 || value.length === 8);

/**
 * Adds to the first directory of a TIFF what an upload says of itself as a photograph, place and camera included: libvips
 * writes no EXIF into TIFF. `source` is a whole EXIF block, which has the structure of a TIFF, or a whole TIFF; what is
 * broken in it is left out. Where it says nothing, the file stays as it is.
 */
export const embedExif = (file: number, source: Bytes): void => {
  const from = layoutOf(source);
  const layout = layoutOf(fileBytes(file));
  if (layout === undefined) {
    throw new InternalError('Expected a TIFF that was just written but received another file. Report this.', {
      code: 'NotATiff',
    });
  }
  const found = from === undefined ? [] : readDirectory(source, from, from.first).entries;
  const target: Target = { file, layout, end: fstatSync(file).size };
  const { entries, next } = readDirectory(fileBytes(file), layout, layout.first);
  const added = found.flatMap((entry) => {
    if (from !== undefined && isPointer(entry)) return copiedDirectory(target, source, from, entry);
    return descriptive.has(entry.tag) ? [entry] : [];
  });
  if (added.length === 0) return;
  const tags = new Set(added.map(({ tag }) => tag));
  const start = appendDirectory(target, [...entries.filter(({ tag }) => !tags.has(tag)), ...added], next);
  const { offset } = widthsOf(layout);
  writeSync(file, littleNumber(start, offset), 0, offset, offset === 8 ? 8 : 4);
};
