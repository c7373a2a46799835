import { describe, expect, it } from 'vitest';
import { LostClaimError } from '../../../core/errors.ts';
import { claimed, released } from '../../../core/jobs/claim.ts';
import type { Job } from '../../../core/jobs/job.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { settleJob } from '../../../core/use-cases/settle-job.ts';
import { pngHeader } from '../../support/png-header.ts';
import { makeScene } from '../../support/scene.ts';

type Scene = Awaited<ReturnType<typeof makeScene>>;

/** A dispatched job: a rejection (which a worker ends without rendering), or one that fits Lambda. */
const dispatched = async (scene: Scene, body: Buffer): Promise<Job> => {
  const job = await scene.dispatch(scene.input.put('a.png', body));
  if (job === undefined) throw new Error('the upload is gone');
  return job;
};
const rejection = (scene: Scene) => dispatched(scene, Buffer.from('no picture'));
const fitting = (scene: Scene) => dispatched(scene, pngHeader(800, 600));
const manifestOf = (scene: Scene) => JSON.parse(scene.output.text('a.png/web/manifest.json') ?? 'null');

/** The job, taken by a worker that then did `next`. */
const taken = async (scene: Scene, job: Job, next: (job: Job) => Job = (same) => same): Promise<Job> => {
  const owner = { kind: 'lambda', requestId: 'dead' } as const;
  const stored = await scene.jobs.replace(next(claimed(job, owner, scene.clock.now, 61)));
  if (stored === undefined) throw new Error('lost a race');
  return stored;
};

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
});

describe('settleJob', () => {
  const failure = (cause: unknown) => ({ Error: 'States.TaskFailed', Cause: JSON.stringify(cause) });
  const settle = async (scene: Scene, id: string, failed?: ReturnType<typeof failure>) =>
    settleJob(id, failed, scene.worker('settle'), scene.ports);

  it('only announces a job that the container has ended', async () => {
    const scene = await makeScene();
    const { id } = await rejection(scene);
    await processJob(id, 1, scene.worker('r1'), scene.ports);
    expect(await settle(scene, id)).toMatchObject({ state: 'rejected' });
    expect(scene.events.published).toHaveLength(1);
  });

  it("records a failure with the container's own error text", async () => {
    const scene = await makeScene();
    const error = { code: 'OutOfTime', message: 'Expected to end within 5 s.' };
    const job = await taken(scene, await fitting(scene), (held) => released(held, error));
    await settle(scene, job.id, failure({ StatusReason: 'Essential container in task exited' }));
    expect(manifestOf(scene)).toMatchObject({ status: 'failed', error, job: { attempt: 1 } });
    expect(scene.events.published.map(({ detailType }) => detailType)).toEqual(['Job failed']);
  });

  it.each([
    [{ StatusReason: 'Host EC2 (instance i-1) terminated.', JobId: 'j1' }, 'BatchJobFailed', /j1.*Host EC2/],
    [{ Container: { ExitCode: 137, Reason: 'OutOfMemoryError: Container killed' } }, 'OutOfMemory', /137/],
    [{ Container: { ExitCode: 21, LogStreamName: 'filter/1' } }, 'BatchJobFailed', /log stream filter\/1/],
  ])('says what Batch says where the container left no text', async (cause, code, text) => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    await settle(scene, id, failure(cause));
    expect(manifestOf(scene)).toMatchObject({ status: 'failed', error: { code } });
    expect(manifestOf(scene).error.message).toMatch(text);
  });

  it("takes Step Functions' own words for what is no job detail", async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    await settleJob(id, { Error: 'States.Timeout', Cause: 'too long' }, scene.worker('s'), scene.ports);
    expect(manifestOf(scene)).toMatchObject({ error: { code: 'States.Timeout', message: 'too long' } });
  });

  it('counts a success without a result as a failure', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    await settle(scene, id);
    expect(manifestOf(scene)).toMatchObject({ status: 'failed', error: { code: 'NoResult' } });
  });

  it('takes the result that a container had published before it died', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    const manifest = { status: 'done', job: { id: job.id }, outputs: [{ key: 'a.png/web/480w.webp' }] };
    const file = { bytes: 0, sha256: '', contentType: '', cacheControl: '', jobId: job.id };
    for (const [key, body] of [
      ['a.png/web/480w.webp', 'pixels'],
      ['a.png/web/manifest.json', JSON.stringify(manifest)],
    ] as const) {
      await (await scene.output.prepare({ ...file, key, body })).commit('absent');
    }
    scene.clock.now += 61_000;
    expect(await settle(scene, job.id, failure({}))).toMatchObject({ state: 'done' });
    expect(scene.output.keys()).toEqual(['a.png/web/480w.webp', 'a.png/web/manifest.json']);
    expect(manifestOf(scene)).toMatchObject({ status: 'done' });
    expect(scene.events.published.map(({ detailType }) => detailType)).toEqual(['Job done']);
  });

  it("keeps the container's text when publishing the failure fails at first", async () => {
    const scene = await makeScene();
    const error = { code: 'OutOfTime', message: 'Expected to end within 5 s.' };
    const job = await taken(scene, await fitting(scene), (held) => released(held, error));
    const prepare = scene.ports.output.prepare;
    scene.ports.output.prepare = async () => {
      throw new Error('S3 is ill');
    };
    await expect(settle(scene, job.id, failure({}))).rejects.toThrow('S3 is ill');
    scene.ports.output.prepare = prepare;
    await settle(scene, job.id, failure({}));
    expect(manifestOf(scene)).toMatchObject({ status: 'failed', error });
  });

  it('removes what a container had written before it died without a manifest', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene), (held) => ({
      ...held,
      touched: { keys: ['a.png/web/480w.webp'], replaces: [] },
    }));
    const file = {
      key: 'a.png/web/480w.webp',
      body: 'pixels',
      bytes: 6,
      sha256: '',
      contentType: '',
      cacheControl: '',
    };
    await (await scene.output.prepare({ ...file, jobId: job.id })).commit('absent');
    scene.clock.now += 61_000;
    await settle(scene, job.id, failure({}));
    expect(scene.output.keys()).toEqual(['a.png/web/manifest.json']);
  });

  it('waits while a worker still holds the job', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    await expect(settle(scene, job.id, failure({}))).rejects.toMatchObject({ code: 'HeldByAnother' });
    scene.clock.now += 61_000;
    expect(await settle(scene, job.id, failure({}))).toMatchObject({ state: 'failed' });
  });
});
