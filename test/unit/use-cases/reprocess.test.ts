import { describe, expect, it } from 'vitest';
import { cancelJob } from '../../../core/use-cases/cancel-job.ts';
import { dispatchUpload } from '../../../core/use-cases/dispatch-upload.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { pngHeader } from '../../support/png-header.ts';
import { fitting, makeScene, manifestOf, type Scene } from '../../support/scene.ts';

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
      { id, state: 'queued', run: 2, reopenedBy: 'w1', eventPublished: false, createdAt: scene.clock.now },
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

  it('goes on counting attempts, so that no execution has the name of an older one', async () => {
    const scene = await makeScene();
    scene.input.put('denoise/a.png', pngHeader(16_000, 12_000));
    const upload = { bucket: 'in', key: 'denoise/a.png', versionId: 'u1', etag: '"1"', bytes: 33 };
    const [job] = await dispatchUpload(upload, scene.settings, scene.ports);
    const id = job?.id ?? '';
    const running = await scene.jobs.get(id);
    if (running === undefined) throw new Error('no record');
    await scene.jobs.replace({ ...running, attempt: 1, state: 'failed' });
    const [reopened] = await dispatchUpload(upload, scene.settings, scene.ports, { request: 'w1' });
    expect(reopened).toMatchObject({ attempt: 1, run: 2 });
    expect(scene.workflow.started.map(({ attempt }) => attempt)).toEqual([0, 1]);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(scene.workflow.started).toHaveLength(2);
  });
});
