import { CapacityError, InternalError, InvalidInputError } from '../errors.ts';
import { fileSource } from '../image/file-source.ts';
import { scanStructure } from '../image/scan-structure.ts';
import type { Traits } from '../image/traits.ts';
import { assertStillMine } from '../jobs/claim.ts';
import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../ports.ts';
import { buildPlan } from '../predict/build-plan.ts';
import type { Plan } from '../predict/plan.ts';
import { canonicalJson } from '../recipe/canonical-recipe.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { decide, refusalCode } from '../route/decide.ts';
import type { Worker } from './run-job.ts';
import type { StagedUpload } from './stage-upload.ts';
import { updateJob } from './update-job.ts';

/** A job whose traits are exact, and what is to be rendered for it. */
export type InspectedUpload = { job: Job; plan: Plan };

/**
 * Reads what only the whole file tells (its frames, above all), without decoding it, and decides by that, on every
 * attempt. Where it is more than the header told, the job's record says so.
 *
 * Throws InvalidInputError where the file is at fault or the job fits no target, and CapacityError `BeyondFunction`
 * where it does not fit this function: then it is handed over before it has begun.
 */
export const inspectUpload = async (
  job: Job,
  recipe: Recipe,
  staged: StagedUpload,
  worker: Worker,
  ports: { jobs: JobStore },
): Promise<InspectedUpload> => {
  const known = knownTraits(job);
  const traits = await scanned(staged.path, known);

  const isOnBatch = worker.owner.kind === 'batch';
  const plan = buildPlan(recipe, traits, { threads: job.threads, containerFilters: worker.containerFilters });
  const decided = decide(plan, traits, worker.limits, isOnBatch ? 'batch' : recipe.runOn);
  const { count } = traits.frames;
  const seen = `the whole file has ${count} frame${count === 1 ? '' : 's'}`;
  const isNews = canonicalJson(traits) !== canonicalJson(known);
  const exact = isNews
    ? await updateJob(ports.jobs, job.id, (stored) => {
        const decision = {
          ...job.decision,
          reasons: [...job.decision.reasons, seen],
          estimate: decided.estimate,
        };
        return { ...assertStillMine(stored, job), traits, decision };
      })
    : job;
  if (decided.target === 'reject') {
    throw new InvalidInputError([`${seen}`, ...decided.reasons].join('; '), { code: refusalCode(recipe.runOn) });
  }
  if (decided.target === 'batch' && !isOnBatch) {
    throw new CapacityError(`${[seen, ...decided.reasons].join('; ')}.`, { code: 'BeyondFunction' });
  }
  return { job: exact, plan };
};

/** The traits of a job's record. Throws InternalError: a job without any is a rejection and never gets here. */
const knownTraits = (job: Job): Traits => {
  if (job.traits !== undefined) return job.traits;
  throw new InternalError(`Expected the traits of job ${job.id} in its record but there are none. Upload it again.`, {
    code: 'NoTraits',
  });
};

const scanned = async (path: string, known: Traits): Promise<Traits> => {
  const source = await fileSource(path);
  try {
    return await scanStructure(source, known);
  } finally {
    await source.close();
  }
};
