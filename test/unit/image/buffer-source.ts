import type { ByteSource } from '../../../core/image/byte-source.ts';

/** Bytes in memory as a source that counts what is read of it. */
export type CountingSource = ByteSource & { reads: { offset: number; length: number }[]; bytesRead(): number };

export const bufferSource = (bytes: Uint8Array): CountingSource => {
  const reads: { offset: number; length: number }[] = [];
  return {
    size: bytes.length,
    reads,
    bytesRead: () => reads.reduce((sum, { length }) => sum + length, 0),
    read(offset, length) {
      reads.push({ offset, length });
      return Promise.resolve(Uint8Array.from(bytes.subarray(offset, offset + length)));
    },
  };
};
