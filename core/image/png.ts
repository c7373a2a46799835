import { exifOrientation } from './exif-orientation.ts';
import { type HeaderFormat, hasText } from './header-format.ts';
import type { HeaderReader } from './header-reader.ts';
import { unreadableHeader, unsupportedFormat } from './input-errors.ts';

/** The eight bytes that every PNG begins with. */
export const pngSignature = '\x89PNG\r\n\x1a\n';
// libvips' VIPS_MAX_COORD; PNG itself would allow 2^31 - 1.
const maxDimension = 100_000_000;
const chunkOverheadBytes = 12;

// Channels and allowed bit depths of each colour type (PNG specification, table 11.1); a palette's entries are RGB.
const colourTypes = new Map([
  [0, { channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, depths: [8, 16] }],
  [3, { channels: 3, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, depths: [8, 16] }],
  [6, { channels: 4, depths: [8, 16] }],
]);
const grey = 0;
const colour = 2;
const palette = 3;

type Chunk = { type: string; start: number; body: number; length: number; next: number };
type ImageHeader = { width: number; height: number; bitDepth: number; colourType: number; isInterlaced: boolean };

const readChunk = async (reader: HeaderReader, start: number): Promise<Chunk> => {
  const head = await reader.cursor(start, 8, 'a PNG chunk header');
  const length = head.u32();
  const type = head.text(4);
  const next = start + chunkOverheadBytes + length;
  if (!/^[A-Za-z]{4}$/.test(type)) {
    throw unreadableHeader('a PNG chunk type of four letters', JSON.stringify(type), start + 4);
  }
  // The picture's data may be cut off: that is for the decoder to find. What comes before it must be whole.
  if (next > reader.size && type !== 'IDAT') {
    throw unreadableHeader(
      `a PNG chunk ${type} that ends within the file's ${reader.size} bytes`,
      `one of ${length}`,
      start,
    );
  }
  return { type, start, body: start + 8, length, next };
};

const readImageHeader = async (reader: HeaderReader, { type, start, body, length }: Chunk): Promise<ImageHeader> => {
  if (type === 'CgBI') {
    throw unsupportedFormat("a PNG in the form of Apple's app bundles (CgBI)", 'cannot be decoded');
  }
  if (type !== 'IHDR' || length !== 13) {
    throw unreadableHeader('a PNG header (IHDR) of 13 bytes', `a chunk ${type} of ${length}`, start);
  }
  const head = await reader.cursor(body, length, 'the PNG header');
  const [width, height, bitDepth, colourType] = [head.u32(), head.u32(), head.u8(), head.u8()];
  const [compression, filter, interlace] = [head.u8(), head.u8(), head.u8()];
  if (width === 0 || height === 0 || width > maxDimension || height > maxDimension) {
    throw unreadableHeader(`a size of 1 to ${maxDimension} pixels each way`, `${width} x ${height}`, body);
  }
  if (!colourTypes.get(colourType)?.depths.includes(bitDepth)) {
    throw unreadableHeader(
      'a PNG bit depth and colour type that belong together',
      `depth ${bitDepth} with type ${colourType}`,
      body + 8,
    );
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw unreadableHeader(
      'PNG compression 0, filter 0 and interlace 0 or 1',
      `${compression}, ${filter} and ${interlace}`,
      body + 10,
    );
  }
  return { width, height, bitDepth, colourType, isInterlaced: interlace === 1 };
};

/** Whether a tRNS chunk makes a picture transparent; one of the wrong length is ignored, as libpng does. */
const isTransparency = (length: number, colourType: number, paletteEntries: number): boolean =>
  (colourType === grey && length === 2) ||
  (colourType === colour && length === 6) ||
  (colourType === palette && length > 0 && length <= paletteEntries);

/** PNG (third edition, so APNG too, of which sharp decodes the first frame): traits from the chunks before the data. */
export const png: HeaderFormat = {
  matches: (start) => hasText(start, pngSignature),

  async readTraits(reader) {
    const first = await readChunk(reader, pngSignature.length);
    const header = await readImageHeader(reader, first);
    const { channels = 3 } = colourTypes.get(header.colourType) ?? {};
    let paletteEntries = 0;
    let hasTransparency = false;
    let hasProfile = false;
    let orientation: number | undefined;
    for (
      let chunk = await readChunk(reader, first.next);
      chunk.type !== 'IDAT';
      chunk = await readChunk(reader, chunk.next)
    ) {
      if (chunk.type === 'IEND') {
        throw unreadableHeader('PNG picture data (IDAT)', 'the end of the picture', chunk.start);
      } else if (chunk.type === 'PLTE') {
        paletteEntries = Math.floor(chunk.length / 3);
      } else if (chunk.type === 'tRNS') {
        hasTransparency ||= isTransparency(chunk.length, header.colourType, paletteEntries);
      } else if (chunk.type === 'iCCP') {
        hasProfile = true;
      } else if (chunk.type === 'eXIf') {
        orientation ??= await exifOrientation(reader, chunk.body, chunk.body + chunk.length, 'none');
      }
    }
    if (header.colourType === palette && paletteEntries === 0) {
      throw unreadableHeader('a PNG palette (PLTE) before the picture data', 'none', first.next);
    }
    const { width, height, bitDepth, isInterlaced } = header;
    return {
      format: 'png',
      width,
      height,
      frames: { count: 1, known: 'exact' },
      channels: channels + (hasTransparency ? 1 : 0),
      bitDepth,
      hasAlpha: hasTransparency || channels === 2 || channels === 4,
      hasProfile,
      orientation: orientation ?? 1,
      isInterlaced,
      isProgressive: false,
      isCmyk: false,
      isTiled: false,
      hasEqualFrames: true,
      fileBytes: reader.size,
    };
  },
};
