/** The parts that a GIF is made of; frames are of two colours and all of the first. */
export const screen = (width: number, height: number, tableBits = 1): Buffer => {
  const head = Buffer.alloc(13);
  head.write('GIF89a', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  head.writeUInt8(tableBits === 0 ? 0 : 0x80 | (tableBits - 1), 10);
  return Buffer.concat([head, Buffer.alloc(tableBits === 0 ? 0 : 3 * 2 ** tableBits, 0x40)]);
};

export const control = (isTransparent: boolean): Buffer =>
  Buffer.from([0x21, 0xf9, 4, isTransparent ? 1 : 0, 0, 0, 0, 0]);

type FrameOptions = { left?: number; top?: number; interlaced?: boolean; tableBits?: number; codeBits?: number };

/** An image with so many pixels, coded as one run of codes for each pixel. */
export const frame = (width: number, height: number, options: FrameOptions = {}): Buffer => {
  const { left = 0, top = 0, interlaced = false, tableBits = 0, codeBits = 2 } = options;
  const head = Buffer.alloc(10);
  head.writeUInt8(0x2c);
  for (const [index, value] of [left, top, width, height].entries()) {
    head.writeUInt16LE(value, 1 + 2 * index);
  }
  head.writeUInt8((tableBits === 0 ? 0 : 0x80 | (tableBits - 1)) | (interlaced ? 0x40 : 0), 9);
  // A clear code before every second pixel keeps all codes at three bits.
  const codes = Array.from({ length: width * height }, (_, index) => (index % 2 === 0 ? [4, 0] : [0])).flat();
  const bits = [...codes, 5].flatMap((code) => [code & 1, (code >> 1) & 1, code >> 2]);
  const data = Buffer.alloc(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    data[index >> 3] = (data[index >> 3] ?? 0) | (bit << (index & 7));
  });
  const blocks = Array.from({ length: Math.ceil(data.length / 255) }, (_, index) => {
    const block = data.subarray(index * 255, (index + 1) * 255);
    return Buffer.concat([Buffer.from([block.length]), block]);
  });
  return Buffer.concat([
    head,
    Buffer.alloc(tableBits === 0 ? 0 : 3 * 2 ** tableBits, 0x80),
    Buffer.from([codeBits]),
    ...blocks,
    Buffer.from([0]),
  ]);
};

export const comment = (bytes: number): Buffer =>
  Buffer.concat([
    Buffer.from([0x21, 0xfe]),
    ...Array.from({ length: Math.ceil(bytes / 255) }, () =>
      Buffer.concat([Buffer.from([255]), Buffer.alloc(255, 0x20)]),
    ),
    Buffer.from([0]),
  ]);

export const gifFile = (...parts: Buffer[]): Buffer => Buffer.concat([...parts, Buffer.from([0x3b])]);
