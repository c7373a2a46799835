import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../core/errors.ts';
import { released } from '../../../core/jobs/claim.ts';
import { cancelJob } from '../../../core/use-cases/cancel-job.ts';
import { keepClaim } from '../../../core/use-cases/keep-claim.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { fitting, makeScene, manifestOf, rejection, taken } from '../../support/scene.ts';

describe('cancelJob', () => {
  it('ends a job that nobody works on: manifest, record and event say who wanted it', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    expect(await cancelJob(id, scene.worker('c'), scene.ports)).toMatchObject({
      state: 'rejected',
      error: { code: 'Cancelled' },
      eventPublished: true,
    });
    expect(manifestOf(scene)).toMatchObject({ status: 'rejected', error: { code: 'Cancelled' }, outputs: [] });
    expect(scene.events.published.map(({ detailType }) => detailType)).toEqual(['Job rejected']);
    // Its message is still in the work queue.
    const before = scene.jobs.all();
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(scene.jobs.all()).toEqual(before);
  });

  it('leaves a held job to its worker, who ends it once the claim is renewed', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    expect(await cancelJob(job.id, scene.worker('c'), scene.ports)).toMatchObject({ state: 'running' });
    expect(manifestOf(scene)).toBeNull();
    const claim = keepClaim(job, 0.03, scene.ports);
    await expect.poll(() => claim.signal.aborted).toBe(true);
    claim.stop();
    expect(claim.signal.reason).toBeInstanceOf(CancelledError);
  });

  it('is heard by the next worker where the one that held the job has died', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    await cancelJob(job.id, scene.worker('c'), scene.ports);
    const held = await scene.jobs.get(job.id);
    await scene.jobs.replace(released(held ?? job, { code: 'Interrupted', message: 'stopped' }));
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    expect(await scene.jobs.get(job.id)).toMatchObject({ state: 'rejected', error: { code: 'Cancelled' } });
    expect(manifestOf(scene)).toMatchObject({ error: { code: 'Cancelled' } });
  });

  it('ends a job whose worker has died, once its lease has run out', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 62_000;
    expect(await cancelJob(job.id, scene.worker('c'), scene.ports)).toMatchObject({ error: { code: 'Cancelled' } });
  });

  it('changes nothing in a job that has ended', async () => {
    const scene = await makeScene();
    const { id } = await rejection(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    const before = [scene.jobs.all(), manifestOf(scene)];
    expect(await cancelJob(id, scene.worker('c'), scene.ports)).toMatchObject({ error: { code: 'UnsupportedFormat' } });
    expect([scene.jobs.all(), manifestOf(scene)]).toEqual(before);
  });
});
