import { crc32, deflateSync } from 'node:zlib';

export const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG chunk with its checksum. */
export const chunk = (type: string, body: Uint8Array = Buffer.alloc(0)): Buffer => {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
};

type Header = { width?: number; height?: number; depth?: number; type?: number; interlace?: number };

export const imageHeader = ({ width = 5, height = 5, depth = 8, type = 2, interlace = 0 }: Header): Buffer => {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([depth, type, 0, 0, interlace], 8);
  return chunk('IHDR', body);
};

/** A whole PNG with these chunks before its data. */
export const pngFile = (...chunks: Buffer[]): Buffer =>
  Buffer.concat([signature, ...chunks, chunk('IDAT', deflateSync(Buffer.alloc(1000))), chunk('IEND')]);
