import { exifOrientation } from './exif-orientation.ts';
import { type HeaderFormat, hasText } from './header-format.ts';
import type { HeaderReader } from './header-reader.ts';
import { hex, unreadableHeader, unsupportedFormat } from './input-errors.ts';
import { isReserved, marker, standsAlone, startsFrame } from './jpeg-markers.ts';

// libjpeg's JPEG_MAX_DIMENSION: 35 less than what the field can hold.
const maxDimension = 65_500;
// Frames that the locked decoder decodes: baseline, extended, progressive and lossless ones in Huffman coding, and
// the first two of the arithmetic ones. Hierarchical frames and arithmetic lossless ones it refuses.
const decodableFrames: readonly number[] = [0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca];
const progressiveFrames: readonly number[] = [0xc2, 0xca];
// 'ICC_PROFILE', a zero, the number of this segment from 1 and the number of all of them, before the profile's bytes.
const profileSignature = 'ICC_PROFILE';
const profileHeaderBytes = 14;
const maxStrayBytes = 4096;

type Segment = { code: number; start: number; body: number; end: number };
type Frame = { code: number; width: number; height: number; components: number };

/** The place of the next 0xff: nearly always `offset` itself, but libjpeg passes over stray bytes too. */
const findMarker = async (reader: HeaderReader, offset: number): Promise<number> => {
  const [first] = await reader.atMost(offset, 1);
  const distance = first === 0xff ? 0 : (await reader.atMost(offset, maxStrayBytes)).indexOf(0xff);
  if (distance === -1) {
    throw unreadableHeader('a JPEG marker (ff)', hex(await reader.atMost(offset, 4)) || 'the end of the file', offset);
  }
  return offset + distance;
};

/** The segment at or after `offset`, over stray and fill bytes. */
const readSegment = async (reader: HeaderReader, offset: number): Promise<Segment> => {
  for (let at = offset; ; ) {
    const start = await findMarker(reader, at);
    const code = (await reader.cursor(start + 1, 1, 'a JPEG marker')).u8();
    if (code === marker.startOfImage || code === marker.endOfImage || isReserved(code)) {
      throw unreadableHeader('a JPEG segment', `marker ff ${hex([code])}`, start);
    }
    if (code === 0xff) {
      at = start + 1;
    } else if (code === 0 || standsAlone(code)) {
      at = start + 2;
    } else {
      const length = (await reader.cursor(start + 2, 2, 'the length of a JPEG segment')).u16();
      const end = start + 2 + length;
      if (length < 2 || end > reader.size) {
        throw unreadableHeader(
          `a JPEG segment of at least 2 bytes that ends within the file's ${reader.size}`,
          `one of ${length}`,
          start + 2,
        );
      }
      return { code, start, body: start + 4, end };
    }
  }
};

const readFrame = async (reader: HeaderReader, { code, start, body, end }: Segment): Promise<Frame> => {
  if (!decodableFrames.includes(code)) {
    throw unsupportedFormat(
      'a JPEG with hierarchical or arithmetic lossless coding',
      `cannot be decoded (marker ff ${hex([code])} at byte ${start})`,
    );
  }
  const frame = await reader.cursor(body, Math.min(6, end - body), 'a JPEG frame header');
  const precision = frame.u8();
  if (precision !== 8) {
    throw unsupportedFormat(`a JPEG of ${precision} bits per channel`, 'cannot be decoded');
  }
  const [height, width, components] = [frame.u16(), frame.u16(), frame.u8()];
  if (width === 0 || height === 0 || width > maxDimension || height > maxDimension) {
    throw unreadableHeader(`a size of 1 to ${maxDimension} pixels each way`, `${width} x ${height}`, body + 1);
  }
  if (components !== 1 && components !== 3 && components !== 4) {
    throw unreadableHeader('1, 3 or 4 colour components', `${components}`, body + 5);
  }
  if (end - body !== 6 + 3 * components) {
    throw unreadableHeader(`a frame header of ${6 + 3 * components} bytes`, `one of ${end - body}`, start + 2);
  }
  return { code, width, height, components };
};

/** JPEG (ITU-T T.81): traits up to the first scan, since segments after the frame header may still hold EXIF or ICC. */
export const jpeg: HeaderFormat = {
  matches: (start) => hasText(start, '\xff\xd8'),

  async readTraits(reader) {
    let frame: Frame | undefined;
    let exif: { body: number; end: number } | undefined;
    let hasProfile = false;
    for (let at = 2; ; ) {
      const segment = await readSegment(reader, at);
      const { code, body, end } = segment;
      if (startsFrame(code)) {
        if (frame) {
          throw unreadableHeader('one JPEG frame header', 'a second one', segment.start);
        }
        frame = await readFrame(reader, segment);
      } else if (code === marker.app1 && !exif && hasText(await reader.atMost(body, Math.min(4, end - body)), 'Exif')) {
        exif = { body, end };
      } else if (code === marker.app2 && end - body > profileHeaderBytes) {
        const head = await reader.atMost(body, profileHeaderBytes);
        hasProfile ||= hasText(head, profileSignature) && head[12] === 1;
      } else if (code === marker.startOfScan) {
        if (!frame) {
          throw unreadableHeader('a JPEG frame header before the first scan', 'the scan', segment.start);
        }
        const componentsInScan = (await reader.cursor(body, 1, 'a JPEG scan header')).u8();
        return {
          format: 'jpeg',
          width: frame.width,
          height: frame.height,
          frames: { count: 1, known: 'exact' },
          channels: frame.components,
          bitDepth: 8,
          hasAlpha: false,
          hasProfile,
          orientation: exif ? await exifOrientation(reader, exif.body, exif.end, 'required') : 1,
          isInterlaced: false,
          // Like libjpeg: a scan that lacks components means that more scans follow, whatever the frame's marker says.
          isProgressive: progressiveFrames.includes(frame.code) || componentsInScan < frame.components,
          isCmyk: frame.components === 4,
          isTiled: false,
          hasEqualFrames: true,
          fileBytes: reader.size,
        };
      }
      at = end;
    }
  },
};
