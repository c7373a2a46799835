/**
 * Random access to a picture's bytes, wherever they are: an object behind ranged GETs, a file, a buffer in a test.
 * `read` answers `length` bytes from `offset`, fewer only where the picture ends.
 */
export type ByteSource = {
  /** Bytes of the whole picture. */
  size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
};
