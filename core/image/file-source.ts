import { open } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';

/** A local file as a source of bytes. It stays open until `close`, so that all reads see the same file. */
export const fileSource = async (path: string): Promise<ByteSource & { close(): Promise<void> }> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return {
      size,
      async read(offset, length) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
};
