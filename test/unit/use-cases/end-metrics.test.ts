import { describe, expect, it } from 'vitest';
import { claimed, handedOver } from '../../../core/jobs/claim.ts';
import type { Job } from '../../../core/jobs/job.ts';
import type { ManifestResult } from '../../../core/jobs/manifest.ts';
import { cancelJob } from '../../../core/use-cases/cancel-job.ts';
import { dispatchUpload } from '../../../core/use-cases/dispatch-upload.ts';
import { type EndPorts, endJob } from '../../../core/use-cases/end-job.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { settleJob } from '../../../core/use-cases/settle-job.ts';
import { pngHeader } from '../../support/png-header.ts';
import { fitting, makeScene, rejection, type Scene, taken } from '../../support/scene.ts';

const rendered: ManifestResult = {
  status: 'done',
  measured: { seconds: 3, dollars: 0.25, stages: [], peakMemoryMiB: 90 },
};

/** The states of the ends that were counted. */
const ends = ({ metrics }: Scene) => metrics.recorded.flatMap(({ dimensions }) => dimensions?.state ?? []);
/** What was measured of renderings. */
const work = ({ metrics }: Scene) => metrics.recorded.filter(({ values }) => values.MeasuredSeconds !== undefined);

/** What a container has to work with: no metrics. */
const containerPorts = ({ ports }: Scene): EndPorts => ({ ...ports, metrics: undefined });

/** A job that was handed over to Batch, and whose container holds it. */
const onBatch = async (scene: Scene): Promise<Job> => {
  const queued = await scene.jobs.replace(handedOver(await fitting(scene), 'too small', scene.clock.now));
  const owner = { kind: 'batch', jobId: 'b1', attempt: 1 } as const;
  const held = queued && (await scene.jobs.replace(claimed(queued, owner, scene.clock.now, 61)));
  if (held === undefined) throw new Error('lost a race');
  return held;
};

const settle = (scene: Scene, { id, execution }: Job, failure?: { Error: string; Cause: string }) =>
  settleJob(id, { execution, failure }, scene.worker('s'), scene.ports);

describe('the end of a job is counted once', () => {
  it('that is done on Lambda, also where its message comes again', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    await endJob(job, rendered, [], scene.ports, scene.worker('r1'));
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    expect(ends(scene)).toEqual(['done']);
    expect(work(scene)).toMatchObject([
      { values: { MeasuredSeconds: 3, JobDollars: 0.25 }, dimensions: { target: 'lambda' } },
    ]);
    expect(work(scene)[0]?.values.PredictionRatio).toBeCloseTo(3 / (job.decision.estimate?.seconds.median ?? 0));
  });

  it('that is done on Batch: by the function that settles it, not by its container', async () => {
    const scene = await makeScene();
    const job = await onBatch(scene);
    await endJob(job, rendered, [], containerPorts(scene), scene.worker('r1'));
    expect(ends(scene)).toEqual([]);
    await settle(scene, job);
    await settle(scene, job);
    expect(ends(scene)).toEqual(['done']);
    expect(work(scene)).toMatchObject([{ values: { MeasuredSeconds: 3 }, dimensions: { target: 'batch' } }]);
    expect(scene.events.published).toHaveLength(1);
  });

  it('that is done, and whose container died between its manifest and its record', async () => {
    const scene = await makeScene();
    const job = await onBatch(scene);
    const replace = scene.ports.jobs.replace;
    const jobs = {
      ...scene.ports.jobs,
      replace: async (next: Job) => {
        if (next.state === 'done') throw new Error('killed');
        return replace(next);
      },
    };
    const ending = endJob(job, rendered, [], { ...containerPorts(scene), jobs }, scene.worker('r1'));
    await expect(ending).rejects.toThrow('killed');
    scene.clock.now += 62_000;
    await settle(scene, job, { Error: 'States.TaskFailed', Cause: 'Host EC2 terminated' });
    expect(ends(scene)).toEqual(['done']);
    expect(work(scene)).toMatchObject([{ values: { MeasuredSeconds: 3, JobDollars: 0.25 } }]);
  });

  it('that is rejected', async () => {
    const scene = await makeScene();
    const { id } = await rejection(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    await processJob(id, 2, scene.worker('r2'), scene.ports);
    expect(ends(scene)).toEqual(['rejected']);
    expect(work(scene)).toEqual([]);
  });

  it('that is cancelled', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    await cancelJob(id, scene.worker('c'), scene.ports);
    await cancelJob(id, scene.worker('c'), scene.ports);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(ends(scene)).toEqual(['rejected']);
  });

  it('that failed on Batch', async () => {
    const scene = await makeScene();
    const job = await onBatch(scene);
    scene.clock.now += 62_000;
    await settle(scene, job, { Error: 'States.TaskFailed', Cause: '{}' });
    await settle(scene, job, { Error: 'States.TaskFailed', Cause: '{}' });
    expect(ends(scene)).toEqual(['failed']);
  });

  it('that was handed over, which is counted by its reason', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 62_000;
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    await processJob(job.id, 3, scene.worker('r3'), scene.ports);
    const reasons = scene.metrics.recorded.filter(({ values }) => values.HandedOver === 1);
    expect(reasons).toEqual([{ values: { HandedOver: 1 }, dimensions: { reason: 'killed' } }]);
    expect(ends(scene)).toEqual([]);
    const queued = await scene.jobs.get(job.id);
    await settle(scene, queued ?? job, { Error: 'States.Timeout', Cause: '' });
    expect(ends(scene)).toEqual(['failed']);
  });

  it.each([
    ['superseded', (scene: Scene) => void scene.input.put('a.png', pngHeader(900, 600))],
    ['gone', (scene: Scene) => scene.input.delete('a.png')],
  ])('that is %s', async (state, happen) => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    happen(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    await processJob(id, 2, scene.worker('r2'), scene.ports);
    expect(ends(scene)).toEqual([state]);
  });

  it('for each run, also where a person had it done again before its end was settled', async () => {
    const scene = await makeScene();
    const job = await onBatch(scene);
    await endJob(job, rendered, [], containerPorts(scene), scene.worker('r1'));
    await dispatchUpload(job.upload, scene.settings, scene.ports, { request: 'w1' });
    expect(ends(scene)).toEqual(['done']);
    await settle(scene, job);
    expect(ends(scene)).toEqual(['done']);
    await cancelJob(job.id, scene.worker('c'), scene.ports);
    expect(ends(scene)).toEqual(['done', 'rejected']);
    expect(scene.events.published).toHaveLength(2);
  });
});
