import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetExecutionHistoryCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, onTestFinished } from 'vitest';
import { executionName } from '../../../../core/jobs/identity.ts';
import type { Job, JobState } from '../../../../core/jobs/job.ts';
import type { JobDetails, JobList } from '../../../../local/console/answers.ts';
import { executionArn, stateMachineArn } from '../../../../local/names.ts';
import { aJob, anUpload } from '../../../support/jobs.ts';
import { nastyKeys, startConsole } from './start-console.ts';

const idOf = (index: number): string => index.toString(16).padStart(32, '0');
const estimate = (seconds: { median: number; upper: number }) => ({
  ...{ seconds, fixedSeconds: { median: 0, upper: 0 }, memoryMiB: { median: 1, upper: 1 } },
  diskMiB: { median: 1, upper: 1 },
  stages: [{ id: 'full.jpg', seconds: seconds.median, terms: [] }],
});
const jobFor = (key: string, changes: Partial<Job> = {}): Job =>
  aJob({
    upload: anUpload({ bucket: 'input', key }),
    decision: { target: 'lambda', reasons: ['fits'], estimate: estimate({ median: 1.5, upper: 4 }) },
    manifestKey: `${key}/web/manifest.json`,
    ...changes,
  });
const manifestFor = (job: Job, versionId?: string) =>
  JSON.stringify({
    status: 'done',
    job: { id: job.id, attempt: 1 },
    measured: { seconds: 2.25, stages: [{ id: 'full.jpg', seconds: 2 }], peakMemoryMiB: 90 },
    outputs: [
      {
        ...{ key: `${job.upload.key}/web/full.jpg`, versionId, bytes: 7, width: 40, height: 30 },
        ...{ contentType: 'image/jpeg', checksum: 'x' },
      },
    ],
  });
/** A console with jobs of its own for one test. */
const open = async (stateMachine?: 'filter' | 'slow') => {
  const started = await startConsole(stateMachine);
  onTestFinished(started.close);
  return started;
};
type Console = Awaited<ReturnType<typeof startConsole>>;
const list = async ({ ask }: Console, query = '') => (await ask(`/_kadam/jobs${query}`)).json as JobList;
const details = async ({ ask }: Console, id: string) => (await ask(`/_kadam/jobs/${id}`)).json as JobDetails;

describe('the list of jobs', () => {
  it('has what a row shows, and what the worker took once its manifest is there', async () => {
    const started = await open();
    const done = jobFor('done.jpg', { id: idOf(1), state: 'done', createdAt: 1000, endedAt: 3000 });
    const rejected = jobFor('text.jpg', {
      ...{ id: idOf(2), state: 'rejected', decision: { target: 'reject', reasons: ['no picture'] } },
      error: { code: 'UnsupportedFormat', message: 'Expected a picture' },
    });
    started.jobs.push(rejected, done);
    await started.put('output', done.manifestKey ?? '', manifestFor(done));
    expect(await list(started)).toEqual({
      isMore: false,
      jobs: [
        {
          ...{ id: rejected.id, key: 'text.jpg', bytes: 1000, recipe: 'web', way: 'reject', state: 'rejected' },
          ...{ arrivedAt: 0, error: { code: 'UnsupportedFormat', message: 'Expected a picture' } },
        },
        {
          ...{ id: done.id, key: 'done.jpg', bytes: 1000, recipe: 'web', way: 'lambda', state: 'done' },
          ...{ predicted: { median: 1.5, upper: 4 }, measured: 2.25, arrivedAt: 1000, endedAt: 3000 },
        },
      ],
    });
  });

  it('is as long as it is asked to be, and says whether there are more', async () => {
    const started = await open();
    started.jobs.push(...Array.from({ length: 450 }, (_, index) => jobFor(`${index}.jpg`, { id: idOf(index) })));
    const first = await list(started);
    expect([first.jobs.length, first.isMore]).toEqual([200, true]);
    expect(first.jobs[0]?.key).toBe('0.jpg');
    const second = await list(started, '?limit=450');
    expect([second.jobs.length, second.isMore]).toEqual([450, false]);
    expect((await started.ask('/_kadam/jobs?limit=0')).status).toBe(400);
    expect((await started.ask('/_kadam/jobs?colour=red')).status).toBe(400);
  });

  it('is filtered by text and by state, over more jobs than it shows', async () => {
    const started = await open();
    const states: JobState[] = ['queued', 'running', 'done', 'rejected', 'failed', 'superseded', 'gone'];
    const fill = Array.from({ length: 300 }, (_, index) => jobFor('x.jpg', { id: idOf(index), state: 'done' }));
    const last = states.map((state, index) =>
      jobFor(`Holiday/${state}.jpg`, {
        ...{ id: idOf(1000 + index), state, recipe: { name: state === 'gone' ? 'archive' : 'web' } },
        ...(state === 'failed' && { error: { code: 'OutOfMemory', message: '' } }),
      }),
    );
    started.jobs.push(...fill, ...last);
    const keys = async (query: string) => (await list(started, query)).jobs.map(({ key }) => key);
    expect(await keys('?text=holiday')).toEqual(states.map((state) => `Holiday/${state}.jpg`));
    expect(await keys('?text=HOLIDAY%2Fq')).toEqual(['Holiday/queued.jpg']);
    expect(await keys('?text=archive')).toEqual(['Holiday/gone.jpg']);
    expect(await keys('?text=outofmemory')).toEqual(['Holiday/failed.jpg']);
    expect(await keys(`?text=${idOf(1002)}`)).toEqual(['Holiday/done.jpg']);
    expect(await keys('?state=rejected')).toEqual(['Holiday/rejected.jpg']);
    expect(await keys('?state=open')).toEqual(['Holiday/queued.jpg', 'Holiday/running.jpg']);
    expect(await keys('?state=done&text=holiday')).toEqual(['Holiday/done.jpg']);
    expect((await list(started, '?state=done')).isMore).toBe(true);
    expect((await started.ask('/_kadam/jobs?state=odd')).status).toBe(400);
  });
});

describe('a job', () => {
  it('has its reasons, its stages, and links that lead to its objects, whatever its key', async () => {
    const started = await open();
    for (const [index, key] of nastyKeys.entries()) {
      if (Buffer.byteLength(key) > 1000) continue;
      const versionId = await started.put('input', key, `upload ${index}`);
      const job = jobFor(key, {
        ...{ id: idOf(index), state: 'done', endedAt: 1, attempt: 1 },
        upload: anUpload({ bucket: 'input', key, versionId }),
      });
      started.jobs.push(job);
      const outputVersion = await started.put('output', `${key}/web/full.jpg`, 'picture', 'image/jpeg');
      await started.put('output', job.manifestKey ?? '', manifestFor(job, outputVersion), 'application/json');
      const { upload, outputs, manifest, ...found } = await details(started, job.id);
      expect(found).toMatchObject({
        job: { key, measured: 2.25 },
        ...{ reasons: ['fits'], attempts: 1, isReplaced: false, executions: [] },
        stages: [{ id: 'full.jpg', predicted: 1.5, measured: 2 }],
      });
      expect((await started.ask(upload.href)).body.toString()).toBe(`upload ${index}`);
      expect(outputs).toMatchObject([{ key: `${key}/web/full.jpg`, width: 40, height: 30, isPreviewable: true }]);
      expect((await started.ask(outputs[0]?.href ?? '')).body.toString()).toBe('picture');
      expect(JSON.parse((await started.ask(manifest?.href ?? '')).body.toString())).toMatchObject({
        job: { id: job.id },
      });
    }
  });

  it('whose results were replaced says so, and one without a manifest shows none', async () => {
    const started = await open();
    const [older, newer] = [idOf(1), idOf(2)].map((id) => jobFor('a.jpg', { id, state: 'done', endedAt: 1 }));
    const lost = jobFor('b.jpg', { id: idOf(3), state: 'superseded', endedAt: 1 });
    const broken = jobFor('c.jpg', { id: idOf(4), state: 'done', endedAt: 1 });
    if (!older || !newer) throw new Error('Expected two jobs');
    started.jobs.push(older, newer, lost, broken);
    await started.put('output', 'a.jpg/web/manifest.json', manifestFor(newer));
    await started.put('output', 'c.jpg/web/manifest.json', '{"not":"a manifest"');
    expect(await details(started, older.id)).toMatchObject({ isReplaced: true, outputs: [] });
    expect((await details(started, newer.id)).outputs).toHaveLength(1);
    for (const { id } of [lost, broken]) {
      const found = await details(started, id);
      expect(found).toMatchObject({ isReplaced: false, outputs: [] });
      expect(found.manifest).toBeUndefined();
    }
    expect((await list(started)).jobs.map(({ measured }) => measured)).toEqual([undefined, 2.25, undefined, undefined]);
  });

  it('that is not there is refused', async () => {
    const { ask } = await open();
    expect(await ask(`/_kadam/jobs/${idOf(9)}`)).toMatchObject({ status: 404, json: { error: { code: 'NoSuchJob' } } });
  });

  it('answers 500 with the reason, and logs it, when its record cannot be read', async () => {
    const started = await open();
    started.jobs.find = () => {
      throw new Error('the table is gone');
    };
    expect(await started.ask(`/_kadam/jobs/${idOf(9)}`)).toMatchObject({
      status: 500,
      json: { error: { code: 'InternalFailure', message: expect.stringContaining('the table is gone') } },
    });
    expect(started.lines).toContainEqual(expect.stringContaining('the table is gone'));
  });
});

describe('a job on Batch', () => {
  const start = async (stateMachine: 'filter' | 'slow') => {
    const started = await open(stateMachine);
    const job = jobFor('holiday/a b.jpg', {
      ...{
        id: idOf(7),
        state: 'running',
        attempt: 0,
        execution: 2,
        decision: { target: 'batch', reasons: ['too long'] },
      },
    });
    started.jobs.push(job);
    // It was queued for Batch a second time before any container had begun.
    const name = executionName(job.upload.key, job.id, 2);
    const command = new StartExecutionCommand({ stateMachineArn: stateMachineArn(stateMachine), name, input: '{}' });
    await started.sfn.send(command);
    const arn = executionArn(stateMachine, name);
    return { started, job, arn, name, executions: async () => (await details(started, job.id)).executions };
  };

  it('shows the steps of its execution, and the attempts of its Batch job with their logs', async () => {
    const { started, executions, name, arn } = await start('filter');
    await expect.poll(async () => (await executions())[0]?.status, { timeout: 10_000 }).toBe('SUCCEEDED');
    const [execution] = await executions();
    expect(execution).toMatchObject({
      ...{ name, arn, startedAt: expect.any(Number), stoppedAt: expect.any(Number) },
      steps: [
        {
          ...{ name: 'Filter', type: 'Task', enteredAt: expect.any(Number), exitedAt: expect.any(Number) },
          error: { code: 'States.TaskFailed', message: 'Essential container in task exited' },
        },
        { name: 'Note', type: 'Pass' },
      ],
      batchJobs: [{ name, status: 'FAILED', attempts: [{ exitCode: 3 }, { exitCode: 3 }] }],
    });
    const [step] = execution?.steps ?? [];
    const { events = [] } = await started.sfn.send(new GetExecutionHistoryCommand({ executionArn: arn }));
    expect(step?.enteredAt).toBe(events[1]?.timestamp?.getTime());
    const log = await started.ask(execution?.batchJobs[0]?.attempts[1]?.logHref ?? '');
    expect(log.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(log.body.toString()).toBe('what went wrong\n');
  });

  it('shows what runs, before it has ended, and how it was stopped', async () => {
    const { started, executions, arn } = await start('slow');
    await expect.poll(async () => (await executions())[0]?.batchJobs[0]?.status, { timeout: 10_000 }).toBe('RUNNING');
    const [running] = await executions();
    expect(running).toMatchObject({ status: 'RUNNING', steps: [{ name: 'Filter' }] });
    expect(running?.steps[0]?.exitedAt).toBeUndefined();
    const [attempt] = running?.batchJobs[0]?.attempts ?? [];
    expect(attempt).toMatchObject({ startedAt: expect.any(Number) });
    expect(attempt?.exitCode).toBeUndefined();
    await expect
      .poll(async () => (await started.ask(attempt?.logHref ?? '')).body.toString(), { timeout: 10_000 })
      .toBe('under way\n');
    await started.sfn.send(new StopExecutionCommand({ executionArn: arn, error: 'Cancelled', cause: 'by a person' }));
    await expect.poll(async () => (await executions())[0]?.batchJobs[0]?.status, { timeout: 10_000 }).toBe('FAILED');
    expect((await executions())[0]).toMatchObject({ status: 'ABORTED', error: 'Cancelled', cause: 'by a person' });
  });

  it('has no log outside the folder of logs', async () => {
    const { ask, dataDir } = await open();
    await writeFile(join(dataDir, 'batch', 'secret.log'), 'secret');
    const id = '00000000-0000-4000-8000-000000000000';
    for (const stream of ['../secret', 'x/default/../../../secret', `none/default/${id}-1`, '']) {
      expect(await ask(`/_kadam/logs?${new URLSearchParams({ stream })}`)).toMatchObject({ status: 404 });
    }
  });
});
