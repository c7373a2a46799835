/** One entry of an EXIF directory. */
export type ExifEntry = { tag: number; type: number; count: number; value: number };

export const orientationEntry = (value: number): ExifEntry => ({ tag: 0x0112, type: 3, count: 1, value });

/** An EXIF block with one directory, without the prefix that JPEG puts before it. */
export const exifBlock = (order: 'II' | 'MM', entries: ExifEntry[]): Buffer => {
  const block = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  const u16 = (value: number, at: number) =>
    order === 'MM' ? block.writeUInt16BE(value, at) : block.writeUInt16LE(value, at);
  const u32 = (value: number, at: number) =>
    order === 'MM' ? block.writeUInt32BE(value, at) : block.writeUInt32LE(value, at);
  block.write(order, 'latin1');
  u16(42, 2);
  u32(8, 4);
  u16(entries.length, 8);
  entries.forEach(({ tag, type, count, value }, index) => {
    const at = 10 + index * 12;
    u16(tag, at);
    u16(type, at + 2);
    u32(count, at + 4);
    if (type === 3 || type === 8) {
      u16(value, at + 8);
    } else if (type === 1) {
      block.writeUInt8(value, at + 8);
    } else {
      u32(value, at + 8);
    }
  });
  return block;
};

export const exifPrefix = Buffer.from('Exif\0\0', 'latin1');
