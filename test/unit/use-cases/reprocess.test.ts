import { describe, expect, it } from 'vitest';
import { cancelJob } from '../../../core/use-cases/cancel-job.ts';
import { dispatchUpload } from '../../../core/use-cases/dispatch-upload.ts';
import { pngHeader } from '../../support/png-header.ts';
import { fitting, makeScene, manifestOf, type Scene, taken } from '../../support/scene.ts';

const cancelled = async (scene: Scene) => {
  const job = await fitting(scene);
  await cancelJob(job.id, scene.worker('c'), scene.ports);
  return job;
};

const again = (scene: Scene, request: string, recipes?: string) =>
  dispatchUpload({ bucket: 'in', key: 'a.png', versionId: 'u1', etag: '"1"', bytes: 33 }, scene.settings, scene.ports, {
    request,
    recipes,
  });

describe('reprocessing', () => {
  it('begins an ended job anew, with the same id and a run of its own', async () => {
    const scene = await makeScene();
    const { id } = await cancelled(scene);
    scene.clock.now += 5000;
    expect(await again(scene, 'w1')).toMatchObject([
      { id, state: 'queued', run: 2, wish: 'w1', eventPublished: false, createdAt: scene.clock.now },
    ]);
    expect(scene.workQueue.sent).toEqual([id, id]);
    const job = await scene.jobs.get(id);
    expect(job?.error).toBeUndefined();
    expect(job?.isCancelled).toBeUndefined();
  });

  it('does not take the manifest of the run before for its own', async () => {
    const scene = await makeScene();
    const job = await cancelled(scene);
    await again(scene, 'w1');
    await cancelJob(job.id, scene.worker('c'), scene.ports);
    expect(manifestOf(scene)).toMatchObject({ job: { id: job.id, run: 2 } });
    expect(scene.events.published).toHaveLength(2);
  });

  it('hears a wish once, however often it is delivered', async () => {
    const scene = await makeScene();
    const { id } = await cancelled(scene);
    await again(scene, 'w1');
    await again(scene, 'w1');
    await cancelJob(id, scene.worker('c'), scene.ports);
    await again(scene, 'w1');
    expect(await scene.jobs.get(id)).toMatchObject({ run: 2, state: 'rejected' });
    await again(scene, 'w2');
    expect(await scene.jobs.get(id)).toMatchObject({ run: 3, state: 'queued' });
  });

  it('leaves a job alone that is still under way', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    expect(await again(scene, 'w1')).toMatchObject([{ id, run: 1 }]);
    expect(scene.workQueue.sent).toEqual([id]);
  });

  it('takes the recipes of the wish', async () => {
    const scene = await makeScene();
    await fitting(scene);
    const jobs = await again(scene, 'w1', 'thumbnail,denoise');
    expect(jobs.map(({ recipe }) => recipe.name)).toEqual(['thumbnail', 'denoise']);
    expect(jobs.map(({ decision }) => decision.reasons[0])).toEqual([
      'recipe thumbnail: asked for on the command line',
      'recipe denoise: asked for on the command line',
    ]);
  });

  describe('of a job on Batch', () => {
    const waiting = async () => {
      const scene = await makeScene();
      scene.input.put('denoise/a.png', pngHeader(16_000, 12_000));
      const upload = { bucket: 'in', key: 'denoise/a.png', versionId: 'u1', etag: '"1"', bytes: 33 };
      const dispatch = (request?: string) =>
        dispatchUpload(upload, scene.settings, scene.ports, request === undefined ? undefined : { request });
      const [job] = await dispatch();
      if (job === undefined) throw new Error('the upload is gone');
      return { scene, job, dispatch };
    };

    it('starts an execution of another name, also where no container had begun', async () => {
      const { scene, job, dispatch } = await waiting();
      await cancelJob(job.id, scene.worker('c'), scene.ports);
      expect(await dispatch('w1')).toMatchObject([{ run: 2, attempt: 0, execution: 2 }]);
      expect(scene.workflow.started.map(({ execution }) => execution)).toEqual([1, 2]);
    });

    it('leaves it alone while its execution is open, and begins it anew where that was stopped from outside', async () => {
      const { scene, job, dispatch } = await waiting();
      expect(await dispatch('w1')).toMatchObject([{ run: 1 }]);
      scene.workflow.closed.add(job.id);
      expect(await dispatch('w2')).toMatchObject([{ run: 2, execution: 2, state: 'queued' }]);
    });

    it('leaves it alone while a worker holds it', async () => {
      const { scene, job, dispatch } = await waiting();
      await taken(scene, (await scene.jobs.get(job.id)) ?? job);
      scene.workflow.closed.add(job.id);
      expect(await dispatch('w1')).toMatchObject([{ run: 1, state: 'running' }]);
    });
  });

  it('hears a wish once that made a job', async () => {
    const scene = await makeScene();
    await fitting(scene);
    const [job] = await again(scene, 'w1', 'thumbnail');
    await cancelJob(job?.id ?? '', scene.worker('c'), scene.ports);
    expect(await again(scene, 'w1', 'thumbnail')).toMatchObject([{ run: 1, state: 'rejected' }]);
  });
});
