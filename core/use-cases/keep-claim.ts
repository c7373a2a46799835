import { CancelledError, LostClaimError } from '../errors.ts';
import { assertStillMine, renewed } from '../jobs/claim.ts';
import type { Job } from '../jobs/job.ts';
import type { Clock, JobStore, Log } from '../ports.ts';
import { updateJob } from './update-job.ts';

/**
 * Renews a claim's lease at a third of its time, until stopped. `signal` aborts with the LostClaimError when the job
 * turns out to be another's, and with a CancelledError when a person asked for its end. A renewal that fails for another
 * reason is only logged: the next one may work, and if none does, the lease runs out and the fencing number protects
 * whoever takes the job.
 */
export const keepClaim = (
  job: Job,
  leaseSeconds: number,
  ports: { jobs: JobStore; now: Clock; log: Log },
): { signal: AbortSignal; stop: () => void } => {
  const lost = new AbortController();
  const renew = async () => {
    try {
      const stored = await updateJob(ports.jobs, job.id, (current) =>
        renewed(assertStillMine(current, job), ports.now(), leaseSeconds),
      );
      if (stored.isCancelled) lost.abort(new CancelledError(job.id));
    } catch (error) {
      if (error instanceof LostClaimError) lost.abort(error);
      else ports.log.write('warn', 'lease not renewed', { error });
    }
  };
  const timer = setInterval(renew, (leaseSeconds * 1000) / 3);
  return { signal: lost.signal, stop: () => clearInterval(timer) };
};
