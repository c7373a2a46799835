import { DependencyError } from '../errors.ts';
import { isHeld } from '../jobs/claim.ts';
import { jobId } from '../jobs/identity.ts';
import { hasEnded, type Job } from '../jobs/job.ts';
import { manifestKey } from '../jobs/manifest.ts';
import { jobFields, nameJob } from '../jobs/name-job.ts';
import { reopen } from '../jobs/reopen.ts';
import type { Upload } from '../jobs/upload.ts';
import { decisionMeasurement } from '../metrics/decision-measurement.ts';
import { endMeasurements } from '../metrics/end-measurements.ts';
import type { InputStore, Log, Metrics, RecipeStore } from '../ports.ts';
import { maxRecipeBytes } from '../recipe/read-yaml.ts';
import { recipeFolder } from '../recipe/recipe-name.ts';
import { isSidecarKey } from '../recipe/sidecar.ts';
import { type DecisionSettings, decideUpload, planThreads, type UploadDecision } from './decide-upload.ts';
import { type StartPorts, startJob } from './start-job.ts';

export type DispatchPorts = StartPorts & { input: InputStore; recipes: RecipeStore; log: Log; metrics: Metrics };

/** A person's wish to have an upload's jobs done again, even those that have ended. */
export type Again = {
  /** Names the wish: one that is delivered twice is heard once. */
  request: string;
  /** Instead of the recipes that the upload or the rules ask for: a list such as `web,archive`. */
  recipes?: string | undefined;
};

/**
 * A new record that nobody has handed on for this long was left by a dispatcher that died: another may go on. Longer
 * than the dispatcher's time-out, shorter than the time after which a message comes again.
 */
const abandonedAfterMilliseconds = 30_000;

/**
 * Takes one upload from its event to the queue of whoever runs it: reads its header, decides, claims its identity
 * with a conditional write, and hands it on; for each of its recipes. Delivered again, it changes nothing, except that
 * it finishes what a dispatcher that died had begun. Answers the jobs: none for a sidecar, which another upload reads,
 * and none where the upload is gone already.
 */
export const dispatchUpload = async (
  announced: Upload,
  settings: DecisionSettings,
  ports: DispatchPorts,
  again?: Again,
): Promise<Job[]> => {
  const { bucket, key } = announced;
  ports.log.add({ key });
  if (isSidecarKey(key)) {
    ports.log.write('info', 'sidecar');
    return [];
  }
  const opened = await ports.input.open(announced);
  if (opened === undefined) {
    ports.log.write('info', 'upload is gone');
    return [];
  }
  const readText = (file: string) => ports.input.readText(bucket, file, maxRecipeBytes + 1);
  const decisions = await decideUpload(opened, settings, { asked: again?.recipes, readText });
  const results = await Promise.allSettled(
    decisions.map((decided, index) => {
      const queued = queuedJob(opened.upload, decided, settings, ports.now(), again);
      const isFirst = index === 0;
      return ports.log.within(jobFields(queued), () => dispatchJob(queued, decided, ports, { again, isFirst }));
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
};

/** Claims one job's identity and hands it on; the `isFirst` of an upload's jobs stands for the upload as well. */
const dispatchJob = async (
  queued: Job,
  { recipe }: UploadDecision,
  ports: DispatchPorts,
  { again, isFirst }: { again: Again | undefined; isFirst: boolean },
): Promise<Job> => {
  if (recipe) await ports.recipes.save(recipe);
  const { isNew, job } = await ports.jobs.create(queued);
  if (isNew) {
    ports.log.write('info', 'dispatched');
    if (isFirst) ports.metrics.record({ values: { Uploads: 1 } });
    ports.metrics.record(decisionMeasurement(job));
    return startJob(job, ports);
  }
  if (again !== undefined && job.wish !== again.request && (await isOver(job, ports))) {
    const reopened = await ports.jobs.replace(reopen(job, queued));
    // Another delivery of the same request came first.
    if (reopened === undefined) throw underWay(job);
    nameJob(ports.log, reopened);
    ports.log.write('info', 'dispatched again');
    // The run before may have ended a moment ago: whoever was to count that finds another run in the record.
    for (const measurement of endMeasurements(job)) ports.metrics.record(measurement);
    ports.metrics.record(decisionMeasurement(reopened));
    return startJob(reopened, ports);
  }
  if (job.state !== 'queued' || job.handedAt !== undefined) return job;
  if (ports.now() - job.createdAt < abandonedAfterMilliseconds) {
    throw underWay(job);
  }
  return startJob(job, ports);
};

/** Whether nobody will go on with a job: it has ended, or its execution was stopped from outside before it had. */
const isOver = async (job: Job, ports: DispatchPorts): Promise<boolean> => {
  if (hasEnded(job.state)) return true;
  if (job.decision.target !== 'batch' || job.handedAt === undefined || isHeld(job, ports.now())) return false;
  return !(await ports.workflow.isOpen(job));
};

const underWay = ({ id }: Job): DependencyError =>
  new DependencyError(
    `Expected job ${id} to be handed on by the delivery that created it a moment ago. This one comes again later.`,
    { code: 'DispatchUnderWay' },
  );

const queuedJob = (
  upload: Upload,
  decided: UploadDecision,
  settings: DecisionSettings,
  now: number,
  again: Again | undefined,
): Job => {
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
    run: 1,
    ...(again ? { wish: again.request } : {}),
    execution: 1,
    attempt: 0,
    fence: 0,
    createdAt: now,
    error: decided.error,
    eventPublished: false,
  };
};
