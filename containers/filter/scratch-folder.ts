import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const namePrefix = 'kadam-scratch-';
/** A live worker touches its folder every minute; one that was killed never does again. */
const touchMilliseconds = 60_000;
const abandonedMilliseconds = 10 * touchMilliseconds;

/**
 * A folder of this worker's own in `parent`, the scratch disk of its machine. The disk outlives the container: what
 * killed workers have left there would fill it, and be found by whoever comes next, so it is removed first. Removes the
 * folder when it is disposed of. `now` is in epoch milliseconds.
 */
export const openScratchFolder = async (parent: string, now: number): Promise<{ path: string } & AsyncDisposable> => {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(namePrefix) && (await isAbandoned(path, now))) await rm(path, { recursive: true, force: true });
  }
  const path = await mkdtemp(join(parent, namePrefix));
  const touch = () => {
    const time = new Date();
    // Only a folder that is being removed cannot be touched.
    utimes(path, time, time).catch(() => undefined);
  };
  const timer = setInterval(touch, touchMilliseconds).unref();
  return {
    path,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await rm(path, { recursive: true, force: true });
    },
  };
};

const isAbandoned = async (path: string, now: number): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && now - found.mtimeMs > abandonedMilliseconds;
};
