/** Tags of an uncompressed RGB picture in strips of one row: [tag, type, value]; LONG8 is 16, LONG 4, SHORT 3. */
const tagsOf = (width: number, height: number, dataAt: number): [number, number, number][] => [
  [256, 4, width],
  [257, 4, height],
  [258, 3, 8],
  [259, 3, 1],
  [262, 3, 1],
  [273, 16, dataAt],
  [277, 3, 1],
  [278, 4, height],
  [279, 16, width * height],
];

/** The header and directory of a grey BigTIFF that claims so many pixels, and none of them. */
export const bigTiffHeader = (width: number, height: number): Buffer => {
  const tags = tagsOf(width, height, 4096);
  const file = Buffer.alloc(16 + 8 + tags.length * 20 + 8);
  file.write('II', 0, 'latin1');
  file.writeUInt16LE(43, 2);
  file.writeUInt16LE(8, 4);
  file.writeBigUInt64LE(16n, 8);
  file.writeBigUInt64LE(BigInt(tags.length), 16);
  for (const [index, [tag, type, value]] of tags.entries()) {
    const at = 24 + index * 20;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeBigUInt64LE(1n, at + 4);
    if (type === 16) file.writeBigUInt64LE(BigInt(value), at + 12);
    else file.writeUInt32LE(value, at + 12);
  }
  return file;
};
