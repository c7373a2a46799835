import { startsFrame } from '../../../core/image/jpeg-markers.ts';

/** A JPEG segment: marker, length, body. */
export const segment = (marker: number, body: Uint8Array): Buffer => {
  const length = body.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 0xff]), body]);
};

/** A JPEG with more segments right behind its first marker. */
export const withSegments = (jpeg: Buffer, ...segments: Uint8Array[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);

/** Where the frame header's marker stands. */
export const frameOffset = (jpeg: Buffer): number => {
  let at = 2;
  while (!startsFrame(jpeg.readUInt8(at + 1))) {
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return at;
};

/** A JPEG with one byte replaced; `offset` may count from the frame header's marker. */
export const patched = (jpeg: Buffer, offset: number, ...bytes: number[]): Buffer => {
  const copy = Buffer.from(jpeg);
  copy.set(bytes, offset);
  return copy;
};

/** An ICC profile of this many bytes, split into APP2 segments as the ICC specification says. */
export const profileSegments = (bytes: number): Buffer[] => {
  const perSegment = 65_519;
  const count = Math.ceil(bytes / perSegment);
  return Array.from({ length: count }, (_, index) =>
    segment(
      0xe2,
      Buffer.concat([
        Buffer.from('ICC_PROFILE\0', 'latin1'),
        Buffer.from([index + 1, count]),
        Buffer.alloc(Math.min(perSegment, bytes - index * perSegment)),
      ]),
    ),
  );
};
