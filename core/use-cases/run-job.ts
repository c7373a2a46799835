import { InternalError, InvalidInputError, KadamError } from '../errors.ts';
import { claimed, type Owner, ownerToken, released } from '../jobs/claim.ts';
import { hasEnded, type Job, type JobError } from '../jobs/job.ts';
import type { RecipeStore } from '../ports.ts';
import { type Deployment, type EndPorts, endJob, publishEvent, recordEnd } from './end-job.ts';
import { type FilterPorts, filterUpload, type WorkerSettings } from './filter-upload.ts';
import { keepClaim } from './keep-claim.ts';
import { readManifest } from './read-manifest.ts';
import { updateJob } from './update-job.ts';

export type RunPorts = EndPorts & FilterPorts & { recipes: RecipeStore };

/**
 * What a worker is: who it is, what it may use, and for how long its lease runs without a renewal (which has to be
 * shorter than the time after which a killed worker's message comes again). `interrupted` aborts, with the error to end by, when the worker is asked to stop.
 */
export type Worker = WorkerSettings & Deployment & { owner: Owner; leaseSeconds: number; interrupted?: AbortSignal };

/**
 * Runs one job on this worker, from the claim to the event: the same on Lambda and on Batch. Answers the job in its
 * terminal state. A job that has ended already is only announced, if that is still to be done.
 *
 * Throws LostClaimError where another worker holds the job, CapacityError where this worker is too small, and
 * DependencyError where a service failed; the record then holds what the attempt died of, and no claim.
 */
export const runJob = async (id: string, worker: Worker, ports: RunPorts): Promise<Job> => {
  const known = await ports.jobs.get(id);
  if (known !== undefined && hasEnded(known.state)) return publishEvent(known, ports, worker);
  const job = await updateJob(ports.jobs, id, (stored) =>
    claimed(stored, worker.owner, ports.now(), worker.leaseSeconds),
  );
  ports.log('info', 'claimed', { job: id, key: job.upload.key, owner: ownerToken(worker.owner), attempt: job.attempt });

  const claim = keepClaim(job, worker.leaseSeconds, ports);
  try {
    const signal = worker.interrupted ? AbortSignal.any([claim.signal, worker.interrupted]) : claim.signal;
    return (await adopted(job, worker, ports)) ?? (await finished(job, worker, ports, signal));
  } catch (error) {
    await noteFailure(job, error, ports);
    throw error;
  } finally {
    claim.stop();
  }
};

/** A worker before this one may have died between its manifest and its record: then the manifest is the result. */
const adopted = async (job: Job, worker: Worker, ports: RunPorts): Promise<Job | undefined> => {
  if (job.attempt === 1) return undefined;
  const manifest = await readManifest(job, ports.output);
  if (manifest?.job.id !== job.id) return undefined;
  return recordEnd(job, manifest.status, manifest.error, ports, worker);
};

const finished = async (job: Job, worker: Worker, ports: RunPorts, signal: AbortSignal): Promise<Job> => {
  if (job.decision.target === 'reject') {
    const error = job.error ?? { code: 'Rejected', message: job.decision.reasons.join('; ') };
    return endJob(job, { status: 'rejected', error }, [], ports, worker);
  }
  const standing = await ports.input.standing(job.upload);
  if (standing !== 'newest') return recordEnd(job, standing, undefined, ports, worker);
  try {
    const filtered = await filterUpload(job, await storedRecipe(job, ports), worker, ports, signal);
    if (filtered === 'gone') return recordEnd(job, 'gone', undefined, ports, worker);
    try {
      return await endJob(job, { status: 'done', ...filtered.result }, filtered.outputs, ports, worker);
    } finally {
      await filtered.cleanUp();
    }
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return endJob(job, { status: 'rejected', error: { code: error.code, message: error.message } }, [], ports, worker);
  }
};

const storedRecipe = async (job: Job, ports: RunPorts) => {
  const recipe = job.recipe.hash === undefined ? undefined : await ports.recipes.load(job.recipe.hash);
  if (recipe === undefined) {
    throw new InternalError(
      `Expected recipe ${job.recipe.name} (${job.recipe.hash}) to be stored but it is not. Upload the picture again.`,
      {
        code: 'NoSuchRecipe',
      },
    );
  }
  return recipe.recipe;
};

/** Gives the claim back with the reason, so that the next attempt need not wait for the lease to run out. */
const noteFailure = async (job: Job, error: unknown, ports: RunPorts): Promise<void> => {
  ports.log('error', 'attempt failed', { job: job.id, key: job.upload.key, error: describeError(error) });
  const isMine = (stored: Job) => stored.claim?.fence === job.fence;
  await updateJob(ports.jobs, job.id, (stored) => (isMine(stored) ? released(stored, describeError(error)) : stored));
};

/** An error as records and manifests hold it. */
export const describeError = (error: unknown): JobError =>
  error instanceof KadamError
    ? { code: error.code, message: error.message }
    : { code: 'Unexpected', message: error instanceof Error ? error.message : String(error) };
