import { createHash } from 'node:crypto';
import type { HeaderReader } from './header-reader.ts';
import { unreadableHeader, unsupportedFormat } from './input-errors.ts';
import { type TiffBlocks, tiffBlocks } from './tiff-blocks.ts';
import { tiffCoding } from './tiff-coding.ts';
import { type TiffSamples, tiffColours } from './tiff-colours.ts';
import type { TiffDirectory, TiffField, TiffHeader } from './tiff-directory.ts';
import { TiffFields } from './tiff-fields.ts';
import { tiffLeastBytes } from './tiff-least-bytes.ts';
import { photometric as meaning, tag } from './tiff-tags.ts';
import type { Traits } from './traits.ts';

/** One page of a TIFF: its traits, and what the scan of the whole file looks at. */
export type TiffPage = {
  traits: Omit<Traits, 'format' | 'frames' | 'hasEqualFrames' | 'fileBytes'>;
  blocks: TiffBlocks;
  /** Where its strips or tiles are, and how many bytes each has. */
  offsets: TiffField;
  byteCounts: TiffField | undefined;
  /** Pages with the same text can be loaded together: what libvips compares. */
  layout: string;
};

// libvips' VIPS_MAX_COORD, which it does not reach itself.
const maxDimension = 100_000_000 - 1;
const separatePlanes = 2;
const cmykInks = 1;
// Unsigned whole numbers, and 'undefined', which is taken for the same.
const readableFormats = [1, 4];
const signedFormat = 2;

/** Reads a page's fields. Throws InvalidInputError: `UnreadableHeader`, or `UnsupportedFormat` with its reason. */
export const readTiffPage = async (
  reader: HeaderReader,
  header: TiffHeader,
  directory: TiffDirectory,
): Promise<TiffPage> => {
  const fields = new TiffFields(reader, header, directory);
  await assertDeveloped(fields);
  const { width, height } = await readSize(fields);
  const offsets = fields.get(tag.stripOffsets) ?? fields.get(tag.tileOffsets);
  if (offsets === undefined) {
    throw unreadableHeader('a TIFF directory that tells the places of its data', 'none', fields.offset);
  }
  const samples = await readSamples(fields);
  const least = tiffLeastBytes({ width, height }, samples);
  if (least > reader.size) {
    throw unreadableHeader(
      `a file of at least ${least} bytes, as the TIFF's ${width} x ${height} pixels take,`,
      `one of ${reader.size}`,
      fields.offset,
    );
  }
  const blocks = tiffBlocks({
    ...samples,
    width,
    height,
    tileWidth: fields.has(tag.tileWidth) ? ((await fields.first(tag.tileWidth)) ?? 0) : undefined,
    tileHeight: fields.has(tag.tileHeight) ? ((await fields.first(tag.tileHeight)) ?? 0) : undefined,
    rowsPerStrip: (await fields.first(tag.rowsPerStrip)) ?? height,
  });
  const told = (await fields.first(tag.orientation)) ?? 1;
  const orientation = told >= 1 && told <= 8 ? told : 1;
  const { photometric, bits, coding, inPlanes } = samples;
  const geometry = [blocks.isTiled, blocks.width, blocks.height];
  return {
    traits: {
      width,
      height,
      ...tiffColours(samples),
      bitDepth: bits,
      hasProfile: (fields.get(tag.profile)?.count ?? 0) > 0,
      orientation,
      isInterlaced: false,
      isProgressive: false,
      isTiled: blocks.isTiled,
      blockRows: blocks.rows,
      compression: coding,
    },
    blocks,
    offsets,
    byteCounts: fields.get(tag.stripByteCounts) ?? fields.get(tag.tileByteCounts),
    layout: [
      await paletteOf(fields, photometric),
      (await fields.numbers(tag.extraSamples, 8)).join('/'),
      width,
      height,
      samples.samples,
      bits,
      photometric,
      coding,
      inPlanes,
      orientation,
      ...geometry,
    ].join(),
  };
};

/** Refuses camera raw files: their first directory is a thumbnail, or says what they are. */
const assertDeveloped = async (fields: TiffFields): Promise<void> => {
  const isDng = fields.has(tag.dngVersion);
  const isReduced = (((await fields.first(tag.newSubfileType)) ?? 0) & 1) === 1;
  if (isDng || (isReduced && fields.has(tag.subDirectories))) {
    throw unsupportedFormat(`a camera raw file (${isDng ? 'DNG' : 'TIFF-based'})`, 'has to be developed first');
  }
};

const readSize = async (fields: TiffFields): Promise<{ width: number; height: number }> => {
  const [width = 0, height = 0] = [await fields.first(tag.width), await fields.first(tag.height)];
  if (width < 1 || height < 1 || width > maxDimension || height > maxDimension) {
    throw unreadableHeader(`a size of 1 to ${maxDimension} pixels each way`, `${width} x ${height}`, fields.offset);
  }
  return { width, height };
};

const readSamples = async (fields: TiffFields): Promise<TiffSamples> => {
  const photometric = await fields.first(tag.photometric);
  if (photometric === undefined) {
    throw unreadableHeader('a TIFF directory that tells the meaning of its samples', 'none', fields.offset);
  }
  const coding = tiffCoding((await fields.first(tag.coding)) ?? 1);
  const bits = await fields.same(tag.bits, 1);
  const sampleFormat = await fields.same(tag.sampleFormat, 1);
  if (!readableFormats.includes(sampleFormat)) {
    const kind = sampleFormat === signedFormat ? 'signed' : 'floating-point';
    throw unsupportedFormat(`a TIFF of ${kind} numbers`, 'have no agreed black and white');
  }
  if (photometric === meaning.separated && ((await fields.first(tag.inkSet)) ?? cmykInks) !== cmykInks) {
    throw unsupportedFormat('a TIFF of other inks than CMYK', 'does not decode to the right picture');
  }
  const [across = 2, down = across] = await fields.numbers(tag.ycbcrSubsampling, 2);
  return {
    photometric,
    samples: (await fields.first(tag.samples)) ?? 1,
    bits,
    coding,
    inPlanes: (await fields.first(tag.planes)) === separatePlanes,
    isSubsampled: across !== 1 || down !== 1,
    isGreyPalette: photometric === meaning.palette && (await hasGreyPalette(fields, bits)),
  };
};

/** A digest of a palette, which libvips reads of one page only: empty where there is none. */
const paletteOf = async (fields: TiffFields, photometric: number): Promise<string> => {
  if (photometric !== meaning.palette) return '';
  const map = await fields.numbers(tag.colourMap, fields.get(tag.colourMap)?.count ?? 0);
  return createHash('sha256').update(map.join()).digest('hex');
};

/** Whether all entries of the palette are grey: first come all reds, then all greens, then all blues. */
const hasGreyPalette = async (fields: TiffFields, bits: number): Promise<boolean> => {
  const colours = 2 ** Math.min(bits, 16);
  const count = fields.get(tag.colourMap)?.count ?? 0;
  if (count !== 3 * colours) {
    throw unreadableHeader(`a TIFF palette of ${3 * colours} numbers`, `one of ${count}`, fields.offset);
  }
  const map = await fields.numbers(tag.colourMap, count);
  return map.every((value, index) => value === map[index % colours]);
};
