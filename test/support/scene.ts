import { fileURLToPath } from 'node:url';
import { readContainerFilters } from '../../core/filters/read-container-filters.ts';
import { claimed } from '../../core/jobs/claim.ts';
import type { Job } from '../../core/jobs/job.ts';
import type { Upload } from '../../core/jobs/upload.ts';
import { readCatalogue } from '../../core/recipe/read-catalogue.ts';
import type { RoutingLimits } from '../../core/route/limits.ts';
import { dispatchUpload } from '../../core/use-cases/dispatch-upload.ts';
import type { ProcessPorts } from '../../core/use-cases/process-job.ts';
import type { Worker } from '../../core/use-cases/run-job.ts';
import {
  memoryInputStore,
  memoryJobStore,
  memoryLog,
  memoryMetrics,
  memoryOutputStore,
  memoryRecipeStore,
  recordingPublisher,
  recordingWorkflow,
  recordingWorkQueue,
} from './memory-ports.ts';
import { pngHeader } from './png-header.ts';

/** Limits in which a small picture fits Lambda, a huge one does not. */
export const limits: RoutingLimits = {
  lambda: { timeoutSeconds: 60, memoryMiB: 3538, diskMiB: 2048, vcpus: 2 },
  containers: { filter: { timeoutSeconds: 86_400, memoryMiB: 61_440, diskMiB: 204_800, vcpus: 8 } },
  margin: 0.1,
};

/** All ports in memory, a clock that tests move, and the repository's own recipes. */
export const makeScene = async () => {
  const catalogue = await readCatalogue(
    fileURLToPath(new URL('../../recipes', import.meta.url)),
    await readContainerFilters(fileURLToPath(new URL('../..', import.meta.url))),
  );
  const clock = { now: 1_000_000 };
  const input = memoryInputStore();
  const jobs = memoryJobStore();
  const output = memoryOutputStore();
  const workQueue = recordingWorkQueue();
  const workflow = recordingWorkflow();
  const events = recordingPublisher();
  const log = memoryLog();
  const metrics = memoryMetrics();
  const ports = {
    input,
    jobs,
    output,
    workQueue,
    workflow,
    events,
    recipes: memoryRecipeStore(),
    now: () => clock.now,
    log,
    metrics,
  } satisfies ProcessPorts;
  const worker = (requestId: string): Worker => ({
    owner: { kind: 'lambda', requestId },
    leaseSeconds: 61,
    version: '1',
    outputBucket: 'out',
    secondsLeft: () => 50,
    memoryMiB: 3538,
    limits,
    containerFilters: [],
    dollars: (seconds) => seconds / 1000,
    renderMemoryMiB: 3000,
  });
  const settings = { catalogue, limits };
  return {
    clock,
    input,
    jobs,
    output,
    workQueue,
    workflow,
    events,
    log,
    metrics,
    ports,
    worker,
    settings,
    /** Dispatches an upload of one recipe, and answers its job. */
    dispatch: async (upload: Upload) => (await dispatchUpload(upload, settings, ports))[0],
  };
};

export type Scene = Awaited<ReturnType<typeof makeScene>>;

/** A dispatched job: a rejection (which a worker ends without rendering), or one that fits Lambda. */
const dispatched = async (scene: Scene, body: Buffer): Promise<Job> => {
  const job = await scene.dispatch(scene.input.put('a.png', body));
  if (job === undefined) throw new Error('the upload is gone');
  return job;
};
export const rejection = (scene: Scene) => dispatched(scene, Buffer.from('no picture'));
export const fitting = (scene: Scene) => dispatched(scene, pngHeader(800, 600));
export const manifestOf = (scene: Scene) => JSON.parse(scene.output.text('a.png/web/manifest.json') ?? 'null');

/** The job, taken by a worker that then did `next`. */
export const taken = async (scene: Scene, job: Job, next: (job: Job) => Job = (same) => same): Promise<Job> => {
  const owner = { kind: 'lambda', requestId: 'dead' } as const;
  const stored = await scene.jobs.replace(next(claimed(job, owner, scene.clock.now, 61)));
  if (stored === undefined) throw new Error('lost a race');
  return stored;
};
