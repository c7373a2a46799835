import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../../core/errors.ts';
import type { MetricName } from '../../../core/metrics/measurement.ts';
import { dispatchUpload } from '../../../core/use-cases/dispatch-upload.ts';
import { processJob } from '../../../core/use-cases/process-job.ts';
import { pngHeader } from '../../support/png-header.ts';
import { makeScene } from '../../support/scene.ts';

const small = pngHeader(800, 600);
const huge = pngHeader(16_000, 12_000);

describe('dispatchUpload', () => {
  it('sends a job that fits to the work queue', async () => {
    const { input, dispatch, workQueue, workflow, jobs } = await makeScene();
    const job = await dispatch(input.put('a.png', small));
    expect(job).toMatchObject({ state: 'queued', recipe: { name: 'web' }, decision: { target: 'lambda' }, threads: 2 });
    expect(workQueue.sent).toEqual([job?.id]);
    expect(workflow.started).toEqual([]);
    expect((await jobs.get(job?.id ?? ''))?.handedAt).toBe(1_000_000);
  });

  it('starts an execution for a job that does not fit', async () => {
    const { input, dispatch, workQueue, workflow } = await makeScene();
    const job = await dispatch(input.put('denoise/a.png', huge));
    expect(job?.decision).toMatchObject({ target: 'batch' });
    expect(workflow.started.map(({ id }) => id)).toEqual([job?.id]);
    expect(workQueue.sent).toEqual([]);
  });

  it.each([
    ['no picture', Buffer.from('hello'), undefined, 'UnsupportedFormat', 'a.png/web/manifest.json'],
    ['an empty object', Buffer.alloc(0), undefined, 'EmptyFile', 'a.png/web/manifest.json'],
    ['an unknown recipe', small, 'wbe', 'UnknownRecipe', 'a.png/wbe/manifest.json'],
    ['a recipe name that is no folder', small, 'a/b', 'UnknownRecipe', 'a.png/unknown-recipe/manifest.json'],
    [
      'a picture too large for either',
      pngHeader(400_000, 400_000),
      'denoise',
      'TooLarge',
      'a.png/denoise/manifest.json',
    ],
  ])('sends a rejection to the workers, who write its manifest: %s', async (_name, body, recipe, code, key) => {
    const { input, dispatch, workQueue } = await makeScene();
    const job = await dispatch(input.put('a.png', body, recipe === undefined ? {} : { 'kadam-recipe': recipe }));
    expect(job).toMatchObject({ decision: { target: 'reject' }, error: { code }, manifestKey: key });
    expect(job?.decision.reasons.length).toBeGreaterThan(0);
    expect(workQueue.sent).toEqual([job?.id]);
  });

  it('rejects an upload whose results would have keys that S3 refuses, without a manifest', async () => {
    const { input, dispatch, ports, worker, output, events } = await makeScene();
    const job = await dispatch(input.put(`${'k'.repeat(1010)}.png`, small));
    expect(job).toMatchObject({ decision: { target: 'reject' }, error: { code: 'KeyTooLong' } });
    expect(job?.manifestKey).toBeUndefined();
    await processJob(job?.id ?? '', 1, worker('r1'), ports);
    expect(output.keys()).toEqual([]);
    expect(events.published).toMatchObject([{ detailType: 'Job rejected', detail: { error: { code: 'KeyTooLong' } } }]);
  });

  it('leaves an upload alone that is gone', async () => {
    const { input, dispatch, jobs } = await makeScene();
    const upload = input.put('a.png', small);
    input.delete('a.png');
    expect(await dispatch(upload)).toBeUndefined();
    expect(jobs.all()).toEqual([]);
  });

  it('changes nothing when the event comes again', async () => {
    const { input, dispatch, workQueue, jobs } = await makeScene();
    const upload = input.put('a.png', small);
    await dispatch(upload);
    const before = jobs.all();
    await dispatch({ ...upload, sequencer: 'another' });
    expect(workQueue.sent).toHaveLength(1);
    expect(jobs.all()).toEqual(before);
  });

  it('starts one job when the same event comes a hundred times at once', async () => {
    const { input, dispatch, workQueue, jobs } = await makeScene();
    const upload = input.put('a.png', small);
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => dispatch(upload)));
    expect(jobs.all()).toHaveLength(1);
    expect(workQueue.sent).toHaveLength(1);
    // Those that met the first one under way come again, and then find the job handed on.
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DependencyError);
    await dispatch(upload);
    expect(workQueue.sent).toHaveLength(1);
  });

  it('goes on where a dispatcher died before it had handed the job on', async () => {
    const { input, dispatch, workQueue, ports, clock } = await makeScene();
    const upload = input.put('a.png', small);
    const send = ports.workQueue.send;
    ports.workQueue.send = async () => {
      throw new Error('killed');
    };
    await expect(dispatch(upload)).rejects.toThrow('killed');
    ports.workQueue.send = send;
    await expect(dispatch(upload)).rejects.toMatchObject({ code: 'DispatchUnderWay', retryable: true });
    clock.now += 60_000;
    const job = await dispatch(upload);
    expect(workQueue.sent).toEqual([job?.id]);
  });

  it('gives every version and every recipe a job of its own', async () => {
    const { input, dispatch, jobs } = await makeScene();
    await dispatch(input.put('a.png', small));
    await dispatch(input.put('a.png', small));
    await dispatch(input.put('a.png', small, { 'kadam-recipe': 'thumbnail' }));
    expect(new Set(jobs.all().map(({ id }) => id)).size).toBe(3);
  });

  it('counts an upload once, and the decision for each of its recipes', async () => {
    const { input, dispatch, metrics } = await makeScene();
    const upload = input.put('a.png', small, { 'kadam-recipe': 'web,thumbnail' });
    await dispatch(upload);
    await dispatch(upload);
    const total = (name: MetricName) => metrics.recorded.reduce((sum, { values }) => sum + (values[name] ?? 0), 0);
    expect(total('Uploads')).toBe(1);
    expect(total('Decisions')).toBe(2);
    const decisions = metrics.recorded.filter(({ values }) => values.Decisions);
    expect(decisions).toMatchObject([{ dimensions: { target: 'lambda' } }, { dimensions: { target: 'lambda' } }]);
    expect(decisions[0]?.values.PredictedSeconds).toBeGreaterThan(0);
  });

  it('predicts nothing of what it rejects unread', async () => {
    const { input, dispatch, metrics } = await makeScene();
    await dispatch(input.put('a.png', Buffer.from('hello')));
    expect(metrics.recorded).toEqual([
      { values: { Uploads: 1 } },
      { values: { Decisions: 1 }, dimensions: { target: 'reject' } },
    ]);
  });

  it('names each job in the lines about it, and the key in those about the upload', async () => {
    const { input, ports, settings, log } = await makeScene();
    const upload = input.put('a.png', small, { 'kadam-recipe': 'web,thumbnail' });
    const jobs = await log.within({}, () => dispatchUpload(upload, settings, ports));
    const named = jobs.map(({ id, recipe }) => ({
      message: 'dispatched',
      job: id,
      key: 'a.png',
      recipe: recipe.name,
      target: 'lambda',
      execution: 1,
    }));
    expect(log.lines).toMatchObject(named);
    input.delete('a.png');
    await log.within({}, () => dispatchUpload(upload, settings, ports));
    expect(log.lines.at(-1)).toMatchObject({ message: 'upload is gone', key: 'a.png' });
  });
});
