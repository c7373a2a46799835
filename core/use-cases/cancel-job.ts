import { CancelledError, LostClaimError } from '../errors.ts';
import { isHeld } from '../jobs/claim.ts';
import { hasEnded, type Job } from '../jobs/job.ts';
import { nameJob } from '../jobs/name-job.ts';
import { type EndPorts, publishEvent } from './end-job.ts';
import { endUnrendered } from './end-unrendered.ts';
import type { Ender } from './run-job.ts';
import { updateJob } from './update-job.ts';

/**
 * Cancels an open job on a person's wish. One that nobody works on ends at once, as rejected; a worker that holds one
 * finds the wish in the record when it next renews its lease, and ends it: the answer is then still open. A result that
 * is being published at that moment stays.
 */
export const cancelJob = async (id: string, ender: Ender, ports: EndPorts): Promise<Job> => {
  const asked = await updateJob(ports.jobs, id, (stored) =>
    hasEnded(stored.state) || stored.isCancelled ? stored : { ...stored, isCancelled: true },
  );
  nameJob(ports.log, asked);
  if (hasEnded(asked.state)) return publishEvent(asked, ports, ender);
  if (isHeld(asked, ports.now())) return asked;
  try {
    return await endUnrendered(id, { status: 'rejected', error: new CancelledError(id) }, ender, ports);
  } catch (error) {
    // A worker took it in between; it has seen the wish.
    if (error instanceof LostClaimError) return asked;
    throw error;
  }
};
