import type { Sharp } from 'sharp';

/** A RIFF chunk, padded to an even length. */
export const chunk = (type: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};

export const riff = (...chunks: Buffer[]): Buffer => chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));

/** The chunk that announces an extended file: its flags, and its size in pixels. */
export const canvas = (flags: number, width: number, height: number): Buffer => {
  const body = Buffer.alloc(10);
  body.writeUInt8(flags);
  body.writeUIntLE(width - 1, 4, 3);
  body.writeUIntLE(height - 1, 7, 3);
  return chunk('VP8X', body);
};

/** The one chunk of a lossy picture. */
export const lossyChunk = async (picture: Sharp): Promise<Buffer> => (await picture.webp().toBuffer()).subarray(12);

/** A frame of an animation, at its canvas's top left. */
export const frame = (width: number, height: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(16);
  head.writeUIntLE(width - 1, 6, 3);
  head.writeUIntLE(height - 1, 9, 3);
  head.writeUIntLE(40, 12, 3);
  return chunk('ANMF', Buffer.concat([head, data]));
};

/** An animation whose header announces no alpha. */
export const animated = (width: number, height: number, frames: Buffer[]): Buffer =>
  riff(canvas(0x02, width, height), chunk('ANIM', Buffer.alloc(6)), ...frames);
