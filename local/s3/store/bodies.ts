import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteRange } from '../wire/byte-range.ts';

/** One file of an object's body. A multipart object keeps its parts as they were uploaded. */
export type BodyFile = { name: string; size: number; part?: number };

export type Bodies = ReturnType<typeof createBodies>;

const chunkBytes = 64 * 1024;

/**
 * The bytes of all objects and parts: files with random names in one folder, written once and never changed. A file
 * that no record names is none of the store's, so a crash leaves at most files that `sweep` removes at the next start.
 */
export const createBodies = (folder: string) => {
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const removals = new Set<Promise<void>>();
  const path = (name: string): string => join(folder, name);

  const remove = (name: string): void => {
    const removal = rm(path(name), { force: true })
      .catch((error: unknown) => console.error(`S3: could not remove the body ${name}; the next start will.`, error))
      .finally(() => removals.delete(removal));
    removals.add(removal);
  };

  const release = (files: readonly BodyFile[]): void => {
    for (const { name } of files) {
      const left = (readers.get(name) ?? 1) - 1;
      if (left > 0) {
        readers.set(name, left);
        continue;
      }
      readers.delete(name);
      if (doomed.delete(name)) remove(name);
    }
  };

  return {
    /**
     * Stores what comes, to the disk itself, then calls `commit` with the file's name, which puts it on record. If
     * either fails, no file stays.
     */
    async write<T>(chunks: AsyncIterable<Buffer>, commit: (name: string) => T): Promise<T> {
      const name = randomUUID();
      // Opened before anything can fail: a stream that opens by itself may create the file after its removal.
      const file = await open(path(name), 'wx');
      try {
        await pipeline(chunks, file.createWriteStream({ flush: true, highWaterMark: chunkBytes }));
        return commit(name);
      } catch (error) {
        await rm(path(name), { force: true });
        throw error;
      }
    },

    /** Streams a range of the files taken as one. Files that are discarded meanwhile stay until the stream closes. */
    read(files: readonly BodyFile[], { first, last }: ByteRange): Readable {
      for (const { name } of files) readers.set(name, (readers.get(name) ?? 0) + 1);
      async function* chunks(): AsyncGenerator<Buffer> {
        let start = 0;
        for (const { name, size } of files) {
          const from = Math.max(first - start, 0);
          const to = Math.min(last - start, size - 1);
          if (from <= to) yield* createReadStream(path(name), { start: from, end: to, highWaterMark: chunkBytes });
          start += size;
        }
      }
      const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: chunkBytes });
      return stream.once('close', () => release(files));
    },

    /** Removes files that no record names any more, now or when their last reader is done. */
    discard(files: readonly BodyFile[]): void {
      for (const { name } of files) {
        if (readers.has(name)) {
          doomed.add(name);
        } else {
          remove(name);
        }
      }
    },

    /** Removes what a crash has left: every file but these. */
    async sweep(recorded: ReadonlySet<string>): Promise<void> {
      await mkdir(folder, { recursive: true });
      for (const name of await readdir(folder)) if (!recorded.has(name)) await rm(path(name), { force: true });
    },

    /** Resolves when what was discarded is gone. */
    async settle(): Promise<void> {
      await Promise.all(removals);
    },
  };
};
