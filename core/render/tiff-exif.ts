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

/** Types of values: directories are pointed to with 32 bits in classic TIFF, and with 64 in BigTIFF. */
const type = { long: 4, undefined: 7, long8: 16 };

/**
 * What a first directory says of the picture as a photograph (TIFF 6.0, section 8; Exif 3.0, table 3; Windows' XP* tags):
 * its description, make and model, date, artist, copyright. What describes the pixels is the encoder's own.
 */
const descriptive: ReadonlySet<number> = new Set([
  270, 271, 272, 305, 306, 315, 316, 18_246, 33_432, 40_091, 40_092, 40_093, 40_094, 40_095,
]);

/**
 * Tags that hold IPTC: records of their own, and Photoshop's resources with those among them. libvips 8.18 cuts the former
 * down to a quarter, so that it is taken over from another TIFF, or replaced by the latter.
 */
const iptc = { records: 33_723, resources: 34_377 };

/** What a JPEG's IPTC begins with, before Photoshop's resources. */
const resourcesPrefix = 'Photoshop 3.0\0';

/** Photoshop's resources as libvips hands on a JPEG's IPTC. */
const resourcesEntry = (block: Buffer): Entry[] => {
  if (block.toString('latin1', 0, resourcesPrefix.length) !== resourcesPrefix) return [];
  const value = block.subarray(resourcesPrefix.length);
  return [{ tag: iptc.resources, type: type.undefined, count: value.length, value }];
};

/** Tags that point to directories of their own: Exif, GPS and, within Exif, interoperability. */
const pointer = { exif: 34_665, gps: 34_853, interoperability: 40_965 };

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
 * writes no EXIF into TIFF, and no whole IPTC. `source` is a whole EXIF block, which has the structure of a TIFF, or a
 * whole TIFF; what is broken in it is left out. `iptcBlock` is the IPTC of a JPEG.
 */
export const embedExif = (file: number, source: Bytes, iptcBlock: Buffer = Buffer.alloc(0)): void => {
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
    const isTaken = descriptive.has(entry.tag) || entry.tag === iptc.records || entry.tag === iptc.resources;
    return isTaken ? [entry] : [];
  });
  added.push(...resourcesEntry(iptcBlock));
  const tags = new Set([iptc.records, ...added.map(({ tag }) => tag)]);
  if (added.length === 0 && !entries.some(({ tag }) => tags.has(tag))) return;
  const start = appendDirectory(target, [...entries.filter(({ tag }) => !tags.has(tag)), ...added], next);
  const { offset } = widthsOf(layout);
  writeSync(file, littleNumber(start, offset), 0, offset, offset === 8 ? 8 : 4);
};
