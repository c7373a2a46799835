import { DependencyError } from '../errors.ts';
import { jobId } from '../jobs/identity.ts';
import type { Job } from '../jobs/job.ts';
import { manifestKey } from '../jobs/manifest.ts';
import type { Upload } from '../jobs/upload.ts';
import type { InputStore, Log, RecipeStore } from '../ports.ts';
import { recipeFolder } from '../recipe/recipe-name.ts';
import { type DecisionSettings, decideUpload, planThreads, type UploadDecision } from './decide-upload.ts';
import { type StartPorts, startJob } from './start-job.ts';

export type DispatchPorts = StartPorts & { input: InputStore; recipes: RecipeStore; log: Log };

/**
 * A new record that nobody has handed on for this long was left by a dispatcher that died: another may go on. Longer
 * than the dispatcher's time-out, shorter than the time after which a message comes again.
 */
const abandonedAfterMilliseconds = 30_000;

/**
 * Takes one upload from its event to the queue of whoever runs it: reads its header, decides, claims its identity
 * with a conditional write, and hands it on. Delivered again, it changes nothing, except that it finishes what a
 * dispatcher that died had begun. Answers the job, or undefined where the upload is gone already.
 */
export const dispatchUpload = async (
  announced: Upload,
  settings: DecisionSettings,
  ports: DispatchPorts,
): Promise<Job | undefined> => {
  const opened = await ports.input.open(announced);
  if (opened === undefined) {
    ports.log('info', 'upload is gone', { bucket: announced.bucket, key: announced.key });
    return undefined;
  }
  const decided = await decideUpload(opened, settings);
  if (decided.recipe) await ports.recipes.save(decided.recipe);

  const { isNew, job } = await ports.jobs.create(queuedJob(opened.upload, decided, settings, ports.now()));
  if (isNew) {
    ports.log('info', 'dispatched', { job: job.id, key: job.upload.key, target: job.decision.target });
    return startJob(job, ports);
  }
  if (job.state !== 'queued' || job.handedAt !== undefined) return job;
  if (ports.now() - job.createdAt < abandonedAfterMilliseconds) {
    throw new DependencyError(
      `Expected job ${job.id} to be handed on by the delivery that created it a moment ago. This one comes again later.`,
      { code: 'DispatchUnderWay' },
    );
  }
  return startJob(job, ports);
};

const queuedJob = (upload: Upload, decided: UploadDecision, settings: DecisionSettings, now: number): Job => {
  const { recipeName, recipe } = decided;
  return {
    id: jobId(upload, recipe?.hash ?? `unknown ${recipeName}`),
    revision: 1,
    state: 'queued',
    upload,
    recipe: { name: recipeName, ...(recipe ? { hash: recipe.hash } : {}) },
    traits: decided.traits,
    decision: decided.decision,
    threads: planThreads(settings.limits),
    manifestKey: manifestKey(upload.key, recipeFolder(recipeName)),
    attempt: 0,
    fence: 0,
    createdAt: now,
    error: decided.error,
    eventPublished: false,
  };
};
