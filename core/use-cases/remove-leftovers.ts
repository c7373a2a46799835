import { writerOf } from '../jobs/identity.ts';
import type { Job } from '../jobs/job.ts';
import type { OutputStore } from '../ports.ts';

/**
 * Removes what a job's record says that it may have left over, except for what its manifest names (`published`; absent
 * where the job publishes nothing, because its upload is no longer the newest).
 *
 * - Versions that attempts of this run wrote are deleted for good: no manifest names them. What they had replaced is
 *   visible again.
 * - Outputs of the run, of this job or another, that this one replaces are hidden behind a delete marker, once this job's manifest is there:
 *   the older manifest can still be followed by their version ids.
 *
 * Objects of other writers are left alone: every object says whose it is. Repeated after a crash, it does what is left.
 */
export const removeLeftovers = async (
  job: Job,
  output: OutputStore,
  published?: ReadonlySet<string>,
): Promise<void> => {
  for (const key of job.touched?.keys ?? []) {
    if (!published?.has(key)) await removeFrom(key, job, output, published !== undefined);
  }
};

const removeFrom = async (key: string, job: Job, output: OutputStore, isReplacing: boolean): Promise<void> => {
  for (;;) {
    const found = await output.current(key);
    if (found === 'absent') return;
    const isOwn = found.writer === writerOf(job);
    const isReplaced = isReplacing && found.writer !== undefined && job.touched?.replaces.includes(found.writer);
    if (!isOwn && !isReplaced) return;
    const isRemoved = await output.remove(
      key,
      isOwn && found.versionId ? { versionId: found.versionId } : { etag: found.etag },
    );
    // Somebody else wrote in between: what is there now is looked at again.
    if (!isRemoved) continue;
    if (isReplaced) return;
  }
};
