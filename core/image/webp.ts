import { exifOrientation } from './exif-orientation.ts';
import { type HeaderFormat, hasText } from './header-format.ts';
import type { HeaderReader } from './header-reader.ts';
import { hex, unreadableHeader } from './input-errors.ts';
import type { Traits } from './traits.ts';
import { readWebpFrame, webpFrameBytes } from './webp-frame.ts';

// 14 bits each way: the codec's own limit, which libvips also holds canvases to.
const maxDimension = 16_383;
const flag = { animation: 0x02, exif: 0x08, alpha: 0x10, profile: 0x20 };
// A picture has at most seven chunks; the frames of an animation come one by one before the EXIF, and cameras make
// no animations, so that its orientation is not worth a read per frame.
const maxChunks = 16;

type Chunk = { type: string; start: number; body: number; length: number; next: number };
type Size = { width: number; height: number };
type Bitstream = Size & { hasAlpha: boolean };

const readChunk = async (reader: HeaderReader, start: number, riffEnd: number): Promise<Chunk> => {
  const head = await reader.cursor(start, 8, 'a WebP chunk header');
  head.byteOrder = 'little';
  const type = head.text(4);
  const length = head.u32();
  if (start + 8 + length > riffEnd) {
    throw unreadableHeader(`a WebP chunk that ends by byte ${riffEnd}`, `one of ${length} bytes`, start);
  }
  return { type, start, body: start + 8, length, next: start + 8 + length + (length % 2) };
};

const assertSize = ({ width, height }: Size, offset: number): void => {
  if (width === 0 || height === 0 || width > maxDimension || height > maxDimension) {
    throw unreadableHeader(`a size of 1 to ${maxDimension} pixels each way`, `${width} x ${height}`, offset);
  }
};

/** The header of a lossy (RFC 6386, 9.1) or lossless (RFC 9649, 3.4) bitstream. */
const readBitstream = async (reader: HeaderReader, { type, body, length }: Chunk): Promise<Bitstream> => {
  if (type === 'VP8L') {
    const head = await reader.cursor(body, Math.min(5, length), 'a lossless WebP header');
    head.byteOrder = 'little';
    const signature = head.u8();
    const bits = head.u32();
    if (signature !== 0x2f || bits >>> 29 !== 0) {
      throw unreadableHeader(
        'a lossless WebP header (2f, version 0)',
        `${hex([signature])}, version ${bits >>> 29}`,
        body,
      );
    }
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, hasAlpha: ((bits >>> 28) & 1) === 1 };
  }
  const head = await reader.cursor(body, Math.min(10, length), 'a lossy WebP header');
  head.byteOrder = 'little';
  const isKeyFrame = (head.u24() & 1) === 0;
  const startCode = head.bytes(3);
  if (!isKeyFrame || hex(startCode) !== '9d 01 2a') {
    throw unreadableHeader('a key frame of VP8 (start code 9d 01 2a)', hex(startCode), body);
  }
  const size = { width: head.u16() & 0x3fff, height: head.u16() & 0x3fff };
  assertSize(size, body + 6);
  return { ...size, hasAlpha: false };
};

/** Traits of the extended form, whose first chunk announces everything: canvas, alpha, profile, EXIF, animation. */
const readExtended = async (
  reader: HeaderReader,
  canvasChunk: Chunk,
  riffEnd: number,
): Promise<Partial<Traits> & Size> => {
  const head = await reader.cursor(canvasChunk.body, Math.min(10, canvasChunk.length), 'an extended WebP header');
  head.byteOrder = 'little';
  const flags = head.u8();
  head.skip(3);
  const canvas = { width: head.u24() + 1, height: head.u24() + 1 };
  assertSize(canvas, canvasChunk.body + 4);
  let awaitsExif = (flags & flag.exif) !== 0;
  let hasPicture = false;
  let hasProfile = false;
  let hasAlpha = (flags & flag.alpha) !== 0;
  let orientation = 1;
  for (let at = canvasChunk.next, chunks = 1; chunks < maxChunks && (awaitsExif || !hasPicture); chunks++) {
    if (at + 8 > riffEnd) {
      break;
    }
    const chunk = await readChunk(reader, at, riffEnd);
    if (chunk.type === 'EXIF' && awaitsExif) {
      orientation = await exifOrientation(reader, chunk.body, chunk.body + chunk.length, 'optional');
      awaitsExif = false;
    } else if (chunk.type === 'ICCP') {
      hasProfile = (flags & flag.profile) !== 0;
    } else if (chunk.type === 'ANMF') {
      const frame = await reader.cursor(chunk.body, Math.min(webpFrameBytes, chunk.length), 'a frame of a WebP');
      frame.byteOrder = 'little';
      hasAlpha ||= readWebpFrame(frame, canvas).isTransparent;
      hasPicture = true;
    } else if (chunk.type === 'VP8 ' || chunk.type === 'VP8L') {
      const size = await readBitstream(reader, chunk);
      if (size.width !== canvas.width || size.height !== canvas.height) {
        throw unreadableHeader(
          `a picture as large as its canvas, ${canvas.width} x ${canvas.height}`,
          `${size.width} x ${size.height}`,
          chunk.body,
        );
      }
      hasPicture = true;
    }
    at = chunk.next;
  }
  if (!hasPicture) {
    throw unreadableHeader('WebP picture data', 'none', canvasChunk.next);
  }
  return {
    ...canvas,
    frames: { count: 1, known: (flags & flag.animation) !== 0 ? 'atLeast' : 'exact' },
    hasAlpha,
    hasProfile,
    orientation,
  };
};

/** WebP (RFC 9649) in its three forms: lossy, lossless, and extended. */
export const webp: HeaderFormat = {
  matches: (start) => hasText(start, 'RIFF') && hasText(start, 'WEBP', 8),

  async readTraits(reader) {
    const riff = await reader.cursor(0, 12, 'a WebP header');
    riff.byteOrder = 'little';
    riff.skip(4);
    const riffEnd = riff.u32() + 8;
    if (riffEnd > reader.size) {
      throw unreadableHeader(`a WebP of ${riffEnd} bytes, as its header says`, `a file of ${reader.size}`, 4);
    }
    const first = await readChunk(reader, 12, riffEnd);
    if (first.type !== 'VP8X' && first.type !== 'VP8 ' && first.type !== 'VP8L') {
      throw unreadableHeader('a WebP chunk VP8, VP8L or VP8X', JSON.stringify(first.type), first.start);
    }
    const traits =
      first.type === 'VP8X' ? await readExtended(reader, first, riffEnd) : await readBitstream(reader, first);
    return {
      format: 'webp',
      frames: { count: 1, known: 'exact' },
      channels: traits.hasAlpha ? 4 : 3,
      bitDepth: 8,
      hasAlpha: false,
      hasProfile: false,
      orientation: 1,
      isInterlaced: false,
      isProgressive: false,
      isCmyk: false,
      isTiled: false,
      hasEqualFrames: true,
      fileBytes: reader.size,
      ...traits,
    };
  },
};
