import { CancelledError, InternalError, InvalidInputError, type KadamError } from '../errors.ts';
import type { ContainerFilter } from '../filters/container-filter.ts';
import { claimed, type Owner, ownerToken } from '../jobs/claim.ts';
import { hasEnded, type Job } from '../jobs/job.ts';
import type { ManifestResult } from '../jobs/manifest.ts';
import { nameJob } from '../jobs/name-job.ts';
import type { RecipeStore } from '../ports.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { RoutingLimits } from '../route/limits.ts';
import { type Deployment, type EndPorts, endByManifest, endJob, endOvertaken, publishEvent } from './end-job.ts';
import { holdClaim } from './hold-claim.ts';
import { inspectUpload } from './inspect-upload.ts';
import type { PreparedOutput } from './publish-outputs.ts';
import { renderUpload } from './render-upload.ts';
import { type StagedUpload, stageUpload } from './stage-upload.ts';
import { updateJob } from './update-job.ts';

export type RunPorts = EndPorts & { recipes: RecipeStore };

/** Whoever brings jobs to their end: its identity, and for how long its lease runs without a renewal. */
export type Ender = Deployment & { owner: Owner; leaseSeconds: number };

/**
 * A worker and what it may use. Its lease has to be shorter than the time after which a killed worker's message comes
 * again. `interrupted` aborts, with the error to end by, when the worker is asked to stop.
 */
export type Worker = Ender & {
  /** MiB of the whole worker. */
  memoryMiB: number;
  /** What routing decides by. */
  limits: RoutingLimits;
  /** The filters of containers that it can plan with: none for a function, which never gets such a job. */
  containerFilters: readonly ContainerFilter[];
  /** MiB for the rendering process alone, and the program of a container that it waits for. */
  renderMemoryMiB: number;
  /** The list price of so many seconds of this worker. */
  dollars: (seconds: number) => number;
  /** Seconds that rendering may take, counted from the moment of asking. */
  secondsLeft: () => number;
  interrupted?: AbortSignal;
};

/**
 * Runs one job on this worker, from the claim to the event: the same on Lambda and on Batch. Answers the job in its
 * terminal state. A job that has ended already is only announced, if that is still to be done.
 *
 * Throws LostClaimError where another worker holds the job, CapacityError where this worker is too small, and
 * DependencyError where a service failed; the record then holds what the attempt died of, and no claim.
 */
export const runJob = async (id: string, worker: Worker, ports: RunPorts): Promise<Job> => {
  const known = await ports.jobs.get(id);
  if (known !== undefined) nameJob(ports.log, known);
  if (known !== undefined && hasEnded(known.state)) return publishEvent(known, ports, worker);
  const job = await updateJob(ports.jobs, id, (stored) =>
    claimed(stored, worker.owner, ports.now(), worker.leaseSeconds),
  );
  nameJob(ports.log, job);
  ports.log.write('info', 'claimed', { owner: ownerToken(worker.owner) });
  return holdClaim(job, worker.leaseSeconds, ports, async (lost) => {
    const signal = worker.interrupted ? AbortSignal.any([lost, worker.interrupted]) : lost;
    // Only an attempt before this one can have left a manifest.
    const found = job.attempt > 1 ? await endByManifest(job, ports, worker) : undefined;
    return found ?? runClaimed(job, worker, ports, signal);
  });
};

const runClaimed = async (job: Job, worker: Worker, ports: RunPorts, signal: AbortSignal): Promise<Job> => {
  if (job.decision.target === 'reject') {
    const error = job.error ?? { code: 'Rejected', message: job.decision.reasons.join('; ') };
    return endJob(job, { status: 'rejected', error }, [], ports, worker);
  }
  if (job.isCancelled) return endJob(job, rejectedFor(new CancelledError(job.id)), [], ports, worker);
  const standing = await ports.input.standing(job.upload);
  if (standing !== 'newest') return endOvertaken(job, standing, ports, worker);
  const recipe = await storedRecipe(job, ports);
  const staged = await stageUpload(job, ports);
  if (staged === 'gone') return endOvertaken(job, 'gone', ports, worker);
  try {
    const { inspected, outputs, ...result } = await renderOrReject(job, recipe, staged, worker, ports, signal);
    return await endJob(inspected, { ...result, checksum: staged.checksum }, outputs, ports, worker);
  } finally {
    await staged.cleanUp();
  }
};

const rejectedFor = ({ code, message }: KadamError): Pick<ManifestResult, 'status' | 'error'> => ({
  status: 'rejected',
  error: { code, message },
});

/** A render's files, or, where the upload turns out to be at fault or a person cancels the job, its rejection. */
const renderOrReject = async (
  job: Job,
  recipe: Recipe,
  staged: StagedUpload,
  worker: Worker,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<Omit<ManifestResult, 'outputs'> & { inspected: Job; outputs: PreparedOutput[] }> => {
  let inspected = job;
  try {
    const exact = await inspectUpload(job, recipe, staged, worker, ports);
    inspected = exact.job;
    const rendered = await renderUpload(exact, recipe, staged, worker, ports.now, signal);
    return { status: 'done', inspected, ...rendered };
  } catch (error) {
    if (!(error instanceof InvalidInputError || error instanceof CancelledError)) throw error;
    return { ...rejectedFor(error), inspected, outputs: [] };
  }
};

const storedRecipe = async (job: Job, ports: RunPorts): Promise<Recipe> => {
  const recipe = job.recipe.hash === undefined ? undefined : await ports.recipes.load(job.recipe.hash);
  if (recipe !== undefined) return recipe.recipe;
  throw new InternalError(
    `Expected recipe ${job.recipe.name} (${job.recipe.hash}) to be stored but it is not. Upload the picture again.`,
    { code: 'NoSuchRecipe' },
  );
};
