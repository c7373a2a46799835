/**
 * The start of a PNG of any size: all that a probe reads. 8-bit colour, not interlaced, no pixels.
 */
export const pngHeader = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(33 + 12);
  Buffer.from('89504e470d0a1a0a', 'hex').copy(header);
  header.writeUInt32BE(13, 8);
  header.write('IHDR', 12);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2, 0, 0, 0], 24);
  header.write('IDAT', 37);
  return header;
};
