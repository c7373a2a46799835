import { describe, expect, it } from 'vitest';
import { StoppedError } from '../../../core/errors.ts';
import { released } from '../../../core/jobs/claim.ts';
import { writerOf } from '../../../core/jobs/identity.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { settleJob } from '../../../core/use-cases/settle-job.ts';
import { fitting, makeScene, manifestOf, rejection, type Scene, taken } from '../../support/scene.ts';

const stopped = { code: StoppedError.code, message: 'asked to stop' };

describe('settleJob', () => {
  const failure = (cause: unknown) => ({ Error: 'States.TaskFailed', Cause: JSON.stringify(cause) });
  const settle = async (scene: Scene, id: string, failed?: ReturnType<typeof failure>) =>
    settleJob(id, { failure: failed }, scene.worker('settle'), scene.ports);

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

  it('takes Batch’s words where the container could only say that it was stopped', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene), (held) => released(held, stopped));
    await settle(scene, job.id, failure({ StatusReason: 'Job attempt duration exceeded timeout' }));
    expect(manifestOf(scene)).toMatchObject({
      error: { code: 'BatchJobFailed', message: expect.stringMatching(/exceeded timeout/) },
    });
  });

  it('takes Step Functions’ words for an execution that was stopped, whatever an attempt before had died of', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene), (held) =>
      released(held, { code: 'ServiceFailed', message: 'S3' }),
    );
    await settleJob(
      job.id,
      { failure: { Error: 'ExecutionAborted', Cause: 'stopped' } },
      scene.worker('s'),
      scene.ports,
    );
    expect(manifestOf(scene)).toMatchObject({ error: { code: 'ExecutionAborted', message: 'stopped' } });
  });

  it('rejects a job whose end a person had wished for', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene), (held) => ({
      ...released(held, stopped),
      isCancelled: true,
    }));
    expect(await settle(scene, job.id, failure({ StatusReason: 'stopped' }))).toMatchObject({ state: 'rejected' });
    expect(manifestOf(scene)).toMatchObject({ status: 'rejected', error: { code: 'Cancelled' } });
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
    const failed = { Error: 'States.Timeout', Cause: 'too long' };
    await settleJob(id, { failure: failed }, scene.worker('s'), scene.ports);
    expect(manifestOf(scene)).toMatchObject({ error: { code: 'States.Timeout', message: 'too long' } });
  });

  it('counts a success without a result as a failure', async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    await settle(scene, id);
    expect(manifestOf(scene)).toMatchObject({ status: 'failed', error: { code: 'NoResult' } });
  });

  it("changes nothing for an execution that is not the record's any more", async () => {
    const scene = await makeScene();
    const { id } = await fitting(scene);
    const before = await scene.jobs.get(id);
    const settlement = { execution: 7, failure: failure({}) };
    expect(await settleJob(id, settlement, scene.worker('s'), scene.ports)).toEqual(before);
    expect(manifestOf(scene)).toBeNull();
    await settleJob(id, { ...settlement, execution: 1 }, scene.worker('s'), scene.ports);
    expect(manifestOf(scene)).toMatchObject({ status: 'failed' });
  });

  it('takes the result that a container had published before it died', async () => {
    const scene = await makeScene();
    const job = await taken(scene, await fitting(scene));
    const manifest = {
      status: 'done',
      job: { id: job.id, run: 1, createdAt: 0 },
      input: { etag: '' },
      outputs: [{ key: 'a.png/web/480w.webp' }],
    };
    const file = { bytes: 0, sha256: '', contentType: '', cacheControl: '', writer: writerOf(job) };
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
    await (await scene.output.prepare({ ...file, writer: writerOf(job) })).commit('absent');
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
