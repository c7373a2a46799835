import { type HeaderFormat, hasText } from './header-format.ts';
import type { HeaderReader } from './header-reader.ts';
import { type HeifItems, readHeifItems } from './heif-items.ts';
import { unreadableHeader, unsupportedFormat } from './input-errors.ts';
import { type Box, fullBoxBytes, readBody, readBoxes } from './iso-boxes.ts';

/** Major brands that the locked decoder opens; behind the last two there may be HEVC as well as AV1. */
const majorBrands = ['avif', 'mif1', 'msf1'];
const sequenceBrands = ['avis', 'msf1'];
const maxBrandBytes = 2048;
const maxDimension = 65_536;
// Items that are made of others: tiles, layers, or one picture turned.
const derivedTypes = ['grid', 'iovl', 'iden'];
const alphaTypes = [
  'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha',
  'urn:mpeg:hevc:2015:auxid:1',
  'urn:mpeg:avc:2015:auxid:1',
];

type Size = { width: number; height: number };

/** The brands of the file type box, of which the first is the major one. */
const readBrands = async (reader: HeaderReader): Promise<string[]> => {
  for await (const box of readBoxes(reader, 0, reader.size)) {
    if (box.end > maxBrandBytes) {
      throw unreadableHeader(`a box ftyp of at most ${maxBrandBytes} bytes`, `one of ${box.end}`, 0);
    }
    const cursor = await readBody(reader, box);
    const major = cursor.text(4);
    cursor.skip(4);
    return [major, ...Array.from({ length: Math.floor(cursor.remaining / 4) }, () => cursor.text(4))];
  }
  throw unreadableHeader('a box ftyp', 'none', 0);
};

const findMeta = async (reader: HeaderReader): Promise<Box> => {
  for await (const box of readBoxes(reader, 0, reader.size)) {
    if (box.type === 'meta') {
      return box;
    }
  }
  throw unreadableHeader('a box meta that describes a still picture', 'none', 0);
};

/** The items that hold the primary picture's AV1 data: itself, or its tiles. */
const codedItems = ({ primaryId, types, references }: HeifItems): number[] => {
  const type = types.get(primaryId);
  const parts = derivedTypes.includes(type ?? '')
    ? references.filter(({ type, from }) => type === 'dimg' && from === primaryId).flatMap(({ to }) => to)
    : [primaryId];
  const foreign = parts.map((id) => types.get(id)).find((partType) => partType !== 'av01');
  if (parts.length === 0 || foreign !== undefined || parts.some((id) => !types.has(id))) {
    const coding = foreign ?? type ?? 'no type';
    throw unsupportedFormat(
      /^(hvc|hev|lhv)/.test(coding) ? 'HEIC (HEVC)' : `a HEIF picture coded as ${JSON.stringify(coding)}`,
      'cannot be decoded: only AV1 (AVIF) can',
    );
  }
  return parts;
};

/** The size of the decoded picture, which libheif crops and turns itself, in the order of the properties. */
const readSize = async (reader: HeaderReader, properties: Box[], meta: Box): Promise<Size> => {
  const extent = properties.find(({ type }) => type === 'ispe');
  if (!extent) {
    throw unreadableHeader("the primary picture's size (a box ispe)", 'none', meta.start);
  }
  const cursor = await readBody(reader, extent);
  cursor.skip(fullBoxBytes);
  let size: Size = { width: cursor.u32(), height: cursor.u32() };
  for (const property of properties) {
    if (property.type === 'clap') {
      const aperture = await readBody(reader, property);
      const width = Math.round(aperture.u32() / aperture.u32());
      size = { width, height: Math.round(aperture.u32() / aperture.u32()) };
    } else if (property.type === 'irot' && ((await readBody(reader, property)).u8() & 1) === 1) {
      size = { width: size.height, height: size.width };
    }
  }
  const { width, height } = size;
  if (!(width >= 1 && height >= 1 && width <= maxDimension && height <= maxDimension)) {
    throw unreadableHeader(`a size of 1 to ${maxDimension} pixels each way`, `${width} x ${height}`, extent.start);
  }
  return size;
};

const hasColourProfile = async (reader: HeaderReader, properties: Box[]): Promise<boolean> => {
  for (const { type, body, end } of properties) {
    const kind = type === 'colr' ? await reader.atMost(body, Math.min(4, end - body)) : new Uint8Array();
    if (hasText(kind, 'prof') || hasText(kind, 'rICC')) {
      return true;
    }
  }
  return false;
};

const readBitDepth = async (reader: HeaderReader, properties: Box[], meta: Box): Promise<number> => {
  const configuration = properties.find(({ type }) => type === 'av1C');
  if (!configuration) {
    throw unreadableHeader("the AV1 data's configuration (a box av1C)", 'none', meta.start);
  }
  const cursor = await readBody(reader, configuration);
  cursor.skip(2);
  const bits = cursor.u8();
  const isHighBitDepth = (bits & 0x40) !== 0;
  const isTwelveBit = (bits & 0x20) !== 0;
  return isHighBitDepth ? (isTwelveBit ? 12 : 10) : 8;
};

/** Whether one of these items has an auxiliary picture of the alpha kind. */
const hasAlphaPlane = async (reader: HeaderReader, items: HeifItems, itemIds: number[]): Promise<boolean> => {
  for (const { type, from, to } of items.references) {
    const auxiliary = items.properties(from).find((property) => property.type === 'auxC');
    if (type === 'auxl' && auxiliary && to.some((id) => itemIds.includes(id))) {
      const cursor = await readBody(reader, auxiliary);
      cursor.skip(fullBoxBytes);
      const [kind = ''] = cursor.text(cursor.remaining).split('\0');
      if (alphaTypes.includes(kind)) {
        return true;
      }
    }
  }
  return false;
};

/**
 * AVIF: still pictures in a HEIF file, one item or a grid of them.
 * The decoder applies crop, rotation and mirroring of the file itself and ignores EXIF orientation, so the size is
 * that of the decoded picture and `orientation` is always 1. Grey pictures decode to colour too: 3 channels or 4.
 */
export const avif: HeaderFormat = {
  matches: (start) => majorBrands.some((brand) => hasText(start, `ftyp${brand}`, 4)),

  async readTraits(reader) {
    const brands = await readBrands(reader);
    const meta = await findMeta(reader);
    const items = await readHeifItems(reader, meta);
    const parts = codedItems(items);
    const properties = items.properties(items.primaryId);
    const { width, height } = await readSize(reader, properties, meta);
    const hasAlpha = await hasAlphaPlane(reader, items, [items.primaryId, ...parts]);
    return {
      format: 'avif',
      width,
      height,
      frames: { count: 1, known: brands.some((brand) => sequenceBrands.includes(brand)) ? 'atLeast' : 'exact' },
      channels: hasAlpha ? 4 : 3,
      bitDepth: await readBitDepth(
        reader,
        parts.flatMap((id) => items.properties(id)),
        meta,
      ),
      hasAlpha,
      hasProfile: await hasColourProfile(reader, properties),
      orientation: 1,
      isInterlaced: false,
      isProgressive: false,
      isCmyk: false,
      isTiled: false,
      hasEqualFrames: true,
      fileBytes: reader.size,
    };
  },
};
