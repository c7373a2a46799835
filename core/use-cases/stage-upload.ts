import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CapacityError } from '../errors.ts';
import type { Job } from '../jobs/job.ts';
import type { Clock, InputStore } from '../ports.ts';

/** An upload in a folder of its own. `seconds` is what the download took. */
export type StagedUpload = {
  folder: string;
  path: string;
  checksum: string;
  seconds: number;
  /** Removes the folder with everything in it. */
  cleanUp: () => Promise<void>;
};

/**
 * Downloads an upload's very version. `gone` where it was deleted.
 * Throws CapacityError `OutOfDisk` where the disk has less room than the job may need, and what the download throws.
 */
export const stageUpload = async (
  job: Job,
  ports: { input: InputStore; now: Clock },
): Promise<StagedUpload | 'gone'> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-'));
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  try {
    await assertRoom(folder, job);
    const began = ports.now();
    const path = join(folder, 'upload');
    const downloaded = await ports.input.download(job.upload, path);
    if (downloaded !== undefined) {
      return { folder, path, checksum: downloaded.checksum, seconds: (ports.now() - began) / 1000, cleanUp };
    }
  } catch (error) {
    await cleanUp();
    throw error;
  }
  await cleanUp();
  return 'gone';
};

const assertRoom = async (folder: string, job: Job): Promise<void> => {
  const { bavail, bsize } = await statfs(folder);
  const freeMiB = (bavail * bsize) / 1024 ** 2;
  const neededMiB = job.decision.estimate?.diskMiB.upper ?? 0;
  if (freeMiB >= neededMiB) return;
  throw new CapacityError(
    `Expected ${neededMiB.toFixed(0)} MiB of free scratch space but this worker has ${freeMiB.toFixed(0)} MiB. ` +
      'A worker with more of it is needed.',
    { code: 'OutOfDisk' },
  );
};
