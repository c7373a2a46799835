import { describe, expect, it } from 'vitest';
import { LostClaimError } from '../../../core/errors.ts';
import { claimed, released } from '../../../core/jobs/claim.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { pngHeader } from '../../support/png-header.ts';
import { fitting, makeScene, manifestOf, rejection, taken } from '../../support/scene.ts';

describe('processJob', () => {
  it('ends a rejection with a manifest, a record and an event', async () => {
    const scene = await makeScene();
    const { id } = await rejection(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(manifestOf(scene)).toMatchObject({ status: 'rejected', error: { code: 'UnsupportedFormat' }, outputs: [] });
    expect(await scene.jobs.get(id)).toMatchObject({ state: 'rejected', eventPublished: true });
    expect(scene.events.published.map(({ detailType }) => detailType)).toEqual(['Job rejected']);
  });

  it('does nothing when the message comes again after that', async () => {
    const scene = await makeScene();
    const { id } = await rejection(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    const before = [scene.jobs.all(), manifestOf(scene)];
    await processJob(id, 2, scene.worker('r2'), scene.ports);
    expect([scene.jobs.all(), manifestOf(scene)]).toEqual(before);
    expect(scene.events.published).toHaveLength(1);
  });

  it('publishes the event that a worker which died after its record had not published', async () => {
    const scene = await makeScene();
    const { id } = await rejection(scene);
    const publish = scene.ports.events.publish;
    scene.ports.events.publish = async () => {
      throw new Error('killed');
    };
    await expect(processJob(id, 1, scene.worker('r1'), scene.ports)).rejects.toThrow('killed');
    expect(await scene.jobs.get(id)).toMatchObject({ state: 'rejected', eventPublished: false });
    scene.ports.events.publish = publish;
    await processJob(id, 2, scene.worker('r2'), scene.ports);
    expect(scene.events.published).toHaveLength(1);
    expect(await scene.jobs.get(id)).toMatchObject({ eventPublished: true });
  });

  it('adopts the manifest of a worker that died before its record', async () => {
    const scene = await makeScene();
    const job = await rejection(scene);
    const replace = scene.ports.jobs.replace;
    scene.ports.jobs.replace = async (next) => {
      if (next.state === 'rejected') throw new Error('killed');
      return replace(next);
    };
    await expect(processJob(job.id, 1, scene.worker('r1'), scene.ports)).rejects.toThrow('killed');
    scene.ports.jobs.replace = replace;
    const before = scene.output.text('a.png/web/manifest.json');
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    expect(await scene.jobs.get(job.id)).toMatchObject({ state: 'rejected', error: { code: 'UnsupportedFormat' } });
    expect(scene.output.text('a.png/web/manifest.json')).toBe(before);
  });

  it('leaves a job alone that another worker holds', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    await expect(processJob(job.id, 2, scene.worker('r2'), scene.ports)).rejects.toThrow(LostClaimError);
    expect(await scene.jobs.get(job.id)).toEqual(job);
  });

  it('hands a job over to Batch whose worker was killed', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 61_000;
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    expect(scene.workflow.started.map(({ id }) => id)).toEqual([job.id]);
    const stored = await scene.jobs.get(job.id);
    expect(stored).toMatchObject({ state: 'queued', decision: { target: 'batch' }, attempt: 1 });
    expect(stored?.decision.reasons.at(-1)).toMatch(/killed during attempt 1/);
  });

  it('completes a hand-over that was cut off, and starts it once', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 61_000;
    const start = scene.ports.workflow.start;
    scene.ports.workflow.start = async () => {
      throw new Error('killed');
    };
    await expect(processJob(job.id, 2, scene.worker('r2'), scene.ports)).rejects.toThrow('killed');
    scene.ports.workflow.start = start;
    await processJob(job.id, 3, scene.worker('r3'), scene.ports);
    await processJob(job.id, 4, scene.worker('r4'), scene.ports);
    expect(scene.workflow.started).toHaveLength(1);
  });

  it('never hands a rejection over, however often its worker is killed', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await rejection(scene));
    scene.clock.now += 61_000;
    await processJob(job.id, 9, scene.worker('r9'), scene.ports);
    expect(scene.workflow.started).toEqual([]);
    expect(manifestOf(scene)).toMatchObject({ status: 'rejected', error: { code: 'UnsupportedFormat' } });
  });

  it('asks for more memory than the function that was killed had', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 61_000;
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    expect(scene.workflow.started[0]?.minimumMemoryMiB).toBe(2 * scene.worker('r2').memoryMiB);
  });

  it('hands a job over for which the function turns out to be too small', async () => {
    const scene = await makeScene();
    const job = await fitting(scene);
    const { estimate } = job.decision;
    if (estimate === undefined) throw new Error('no estimate');
    const stored = await scene.jobs.get(job.id);
    const diskMiB = { median: 1e9, upper: 1e9 };
    await scene.jobs.replace({ ...(stored ?? job), decision: { ...job.decision, estimate: { ...estimate, diskMiB } } });
    await processJob(job.id, 1, scene.worker('r1'), scene.ports);
    expect(scene.workflow.started).toMatchObject([{ id: job.id, decision: { target: 'batch' } }]);
    expect(scene.workflow.started[0]?.decision.reasons.at(-1)).toMatch(/free scratch space.*Handed over to Batch/);
    expect(scene.workflow.started[0]?.minimumMemoryMiB).toBeUndefined();
    expect(scene.output.keys()).toEqual([]);
  });

  it('leaves a job to its container, also between two of its attempts', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 61_000;
    await processJob(job.id, 2, scene.worker('r2'), scene.ports);
    const queued = await scene.jobs.get(job.id);
    if (queued === undefined) throw new Error('no record');
    const owner = { kind: 'batch', jobId: 'b1', attempt: 1 } as const;
    await scene.jobs.replace(claimed(queued, owner, scene.clock.now, 10));
    scene.clock.now += 60_000;
    await processJob(job.id, 3, scene.worker('r3'), scene.ports);
    expect(scene.workflow.started).toHaveLength(1);
    expect((await scene.jobs.get(job.id))?.claim?.owner).toBe('batch/b1/1');
  });

  it('hands a job over that failed again and again', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene), (held) => released(held, { code: 'X', message: 'S3 is ill' }));
    await processJob(job.id, 4, scene.worker('r4'), scene.ports);
    expect(scene.workflow.started).toHaveLength(1);
    expect((await scene.jobs.get(job.id))?.decision.reasons.at(-1)).toMatch(/S3 is ill/);
  });

  it('ends a job as superseded, without a trace, when a newer version has come', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    scene.input.put('a.png', pngHeader(900, 600));
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(await scene.jobs.get(id)).toMatchObject({ state: 'superseded', eventPublished: true });
    expect(scene.output.keys()).toEqual([]);
    expect(scene.events.published).toEqual([]);
  });

  it('ends a job as gone when its upload was deleted', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    scene.input.delete('a.png');
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(await scene.jobs.get(id)).toMatchObject({ state: 'gone' });
  });

  it('ends a job as failed where Kadam itself is at fault', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    scene.ports.recipes.load = async () => undefined;
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(manifestOf(scene)).toMatchObject({ status: 'failed', error: { code: 'NoSuchRecipe' } });
    expect(await scene.jobs.get(id)).toMatchObject({ state: 'failed' });
  });

  it('gives the claim back when a service fails, so that the next attempt need not wait', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    scene.ports.input.standing = async () => {
      throw new Error('S3 is ill');
    };
    await expect(processJob(id, 1, scene.worker('r1'), scene.ports)).rejects.toThrow('S3 is ill');
    const stored = await scene.jobs.get(id);
    expect(stored).toMatchObject({ state: 'running', error: { message: 'S3 is ill' } });
    expect(stored?.claim).toBeUndefined();
  });

  it('refuses a message about a job that it does not know', async () => {
    const scene = await makeScene();
    await expect(processJob('nobody', 1, scene.worker('r1'), scene.ports)).rejects.toMatchObject({ code: 'NoSuchJob' });
  });

  it('names the job in every line, as its record stands by then', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    scene.clock.now += 61_000;
    await scene.log.within({ messageId: 'm' }, () => processJob(job.id, 2, scene.worker('r2'), scene.ports));
    const identity = { messageId: 'm', job: job.id, key: 'a.png', recipe: 'web', attempt: 1 };
    expect(scene.log.lines.slice(-1)).toMatchObject([
      { ...identity, level: 'warn', message: 'handed over to Batch', target: 'batch', execution: 2, because: 'killed' },
    ]);
  });
});
