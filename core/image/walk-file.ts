import type { ByteSource } from './byte-source.ts';

const windowBytes = 256 * 1024;

/**
 * Walks through a staged file from `start` on, for structures that are spread over all of it: `step` is given the
 * next bytes (256 KiB, fewer at the end of the file) and answers how many it is done with. More than it was given
 * means to skip what lies between, 0 ends the walk.
 */
export const walkFile = async (
  source: ByteSource,
  start: number,
  step: (bytes: Uint8Array) => number,
): Promise<void> => {
  for (let at = start; at < source.size; ) {
    const done = step(await source.read(at, Math.min(windowBytes, source.size - at)));
    if (done <= 0) {
      return;
    }
    at += done;
  }
};
