import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import type { Job } from '../../core/jobs/job.ts';
import { credentials, region, sdkEnvironment } from '../../local/names.ts';
import { processesWith } from '../support/kill-worker.ts';
import { runCli } from '../support/run-cli.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

/** The commands with which people look after their uploads, as processes against an embedded cloud. */
let cloud: TestCloud;
let photo: Buffer;
beforeAll(async () => {
  // Thumbnails fit 20 s, and so does `web` of this picture; a large picture denoised does not.
  cloud = await startTestCloud({ lambdaSeconds: 20 });
  photo = await photoLike({ width: 2400, height: 1800 }).jpeg().toBuffer();
}, 120_000);
afterAll(() => cloud.close(), 60_000);

const run = (command: string, ...words: string[]) =>
  runCli(command, [...words, '--port', new URL(cloud.cloud.endpoint).port]);

const jobsOf = async (key: string, ...words: string[]): Promise<Job[]> => {
  const { stdout } = await run('status', key, '--json', ...words);
  return JSON.parse(stdout).jobs.map(({ job }: { job: Job }) => job);
};

describe('npm run status', () => {
  it('tells what became of each recipe of an upload', { timeout: 60_000 }, async () => {
    await cloud.upload('früh/a b.jpg', photo, 'thumbnail,nonsense');
    const { code, stdout } = await run('status', 'früh/a b.jpg', '--wait');
    expect(code).toBe(1);
    expect(stdout).toMatch(/früh\/a b\.jpg with recipe thumbnail: done on Lambda/);
    expect(stdout).toMatch(/took [\d.]+ s; [\d.]+ s expected, at most [\d.]+ s/);
    expect(stdout).toContain("recipe thumbnail: asked for by the upload's metadata");
    expect(stdout).toContain('s3://kadam-output/früh/a b.jpg/thumbnail/manifest.json');
    expect(stdout).toContain('s3://kadam-output/früh/a b.jpg/thumbnail/320x320.webp');
    expect(stdout).toMatch(/with recipe nonsense: rejected/);
    expect(stdout).toContain('Expected one of the recipes');
  });

  it('finds a deployed Kadam by its stage and the environment, as it does the embedded one', async () => {
    const environment = sdkEnvironment(cloud.cloud.endpoint);
    const found = await runCli('status', ['früh/a b.jpg', '--stage', 'local', '--json'], { environment });
    expect(JSON.parse(found.stdout).jobs).toHaveLength(2);
    const missing = await runCli('status', ['früh/a b.jpg', '--stage', 'prod'], { environment });
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(
      /^Expected a deployment of stage 'prod' but there is no function kadam-prod-dispatch/,
    );
  });

  it('says so where there is nothing, and what begins alike', async () => {
    const { code, stdout } = await run('status', 'früh/a');
    expect(code).toBe(1);
    expect(stdout).toContain('There is no upload früh/a in s3://kadam-input');
    expect(stdout).toContain('  früh/a b.jpg');
  });

  it('says how to start the cloud where none runs', async () => {
    const { code, stderr } = await runCli('status', ['a.jpg', '--port', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Expected the embedded cloud at http:\/\/127\.0\.0\.1:1 .* Start it with npm start/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('npm run reprocess', () => {
  it('has every upload below a prefix done again, also with other recipes', { timeout: 90_000 }, async () => {
    const versions = await Promise.all(
      ['again/1.jpg', 'again/2.jpg'].map(async (key) => ({
        key,
        version: await cloud.upload(key, photo, 'thumbnail'),
      })),
    );
    for (const { key, version } of versions) await cloud.manifest(key, version, 'thumbnail');
    expect((await run('reprocess', 'again/', '--dry-run')).stdout).toBe(
      'again/1.jpg\nagain/2.jpg\n2 uploads; nothing was sent (--dry-run)\n',
    );

    const misspelled = await run('reprocess', 'again/', '--recipe', 'web,thumbnial');
    expect(misspelled).toMatchObject({ code: 2, stdout: '' });
    expect(misspelled.stderr).toContain('did you mean');

    const { code, stdout } = await run('reprocess', 'again/');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 uploads will be processed again/);
    for (const { key } of versions) {
      await expect
        .poll(async () => JSON.parse((await cloud.read(`${key}/thumbnail/manifest.json`)).body.toString()).job.run, {
          timeout: 30_000,
        })
        .toBe(2);
      expect(await jobsOf(key)).toMatchObject([{ run: 2, recipe: { name: 'thumbnail' } }]);
    }

    await run('reprocess', 'again/1', '--recipe', 'print');
    const [{ version = '' } = {}] = versions;
    expect(await cloud.manifest('again/1.jpg', version, 'print')).toMatchObject({ status: 'done', job: { run: 1 } });
    expect((await jobsOf('again/1.jpg')).map(({ recipe }) => recipe.name).sort()).toEqual(['print', 'thumbnail']);
  });

  it('says so where nothing begins with the prefix', async () => {
    expect(await run('reprocess', 'nowhere/')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('There is no upload'),
    });
  });
});

describe('npm run cancel', () => {
  it('ends a job on Batch, its container and its execution', { timeout: 90_000 }, async () => {
    const version = await cloud.upload(
      'slow.jpg',
      await photoLike({ width: 6000, height: 4000 }).jpeg().toBuffer(),
      'denoise',
    );
    await expect
      .poll(() => cloud.lines.some((line) => /"claimed".*slow.*"batch\//.test(line)), { timeout: 60_000 })
      .toBe(true);
    const { code, stdout } = await run('cancel', 'slow.jpg');
    expect(stdout).toBe('slow.jpg with recipe denoise: cancelled\n');
    expect(code).toBe(0);
    expect(await cloud.manifest('slow.jpg', version, 'denoise')).toMatchObject({
      status: 'rejected',
      error: { code: 'Cancelled' },
      outputs: [],
    });
    expect(await cloud.list('slow.jpg/')).toEqual(['slow.jpg/denoise/manifest.json']);
    const { stdout: told } = await run('status', 'slow.jpg');
    expect(told).toContain('Cancelled: Expected job');
    const executionArn = /execution +(\S+)/.exec(told)?.[1] ?? '';
    const states = new SFNClient({ endpoint: cloud.cloud.endpoint, region, credentials });
    const describe = () => states.send(new DescribeExecutionCommand({ executionArn }));
    await expect.poll(async () => (await describe()).status, { timeout: 20_000 }).not.toBe('RUNNING');
    states.destroy();
    await expect
      .poll(() => processesWith('AWS_BATCH_JOB_ID', /./, cloud.cloud.endpoint), { timeout: 20_000 })
      .toEqual([]);
  });

  it('ends a job that a function is rendering, which can be reprocessed after that', { timeout: 180_000 }, async () => {
    const version = await cloud.upload('web.jpg', photo, 'web');
    await expect
      .poll(() => cloud.lines.some((line) => /"claimed".*web\.jpg.*"lambda\//.test(line)), { timeout: 30_000 })
      .toBe(true);
    expect((await run('cancel', 'web.jpg')).stdout).toBe('web.jpg with recipe web: cancelled\n');
    expect(await cloud.manifest('web.jpg', version, 'web')).toMatchObject({ error: { code: 'Cancelled' } });
    await run('reprocess', 'web.jpg');
    await expect
      .poll(async () => JSON.parse((await cloud.read('web.jpg/web/manifest.json')).body.toString()), {
        timeout: 120_000,
      })
      .toMatchObject({ status: 'done', job: { run: 2 } });
  });

  it('ends what waits for Batch, which goes there again when it is reprocessed', { timeout: 120_000 }, async () => {
    const large = await photoLike({ width: 6000, height: 4000 }).jpeg().toBuffer();
    const keys = ['q/1.jpg', 'q/2.jpg', 'q/3.jpg'];
    for (const key of keys) await cloud.upload(key, large, 'denoise');
    await expect.poll(async () => (await jobsOf('q/3.jpg')).length, { timeout: 20_000 }).toBe(1);
    expect((await run('cancel', 'q/3.jpg')).stdout).toMatch(/cancelled/);
    await run('cancel', 'q/2.jpg');
    await run('cancel', 'q/1.jpg');
    await run('reprocess', 'q/3');
    await expect
      .poll(async () => JSON.parse((await cloud.read('q/3.jpg/denoise/manifest.json')).body.toString()), {
        timeout: 90_000,
      })
      .toMatchObject({ status: 'done', job: { run: 2 }, decision: { target: 'batch' } });
  });

  it('changes nothing where nothing is under way', async () => {
    const { code, stdout } = await run('cancel', 'again/1.jpg');
    expect(code).toBe(1);
    expect(stdout).toContain('No job of again/1.jpg is under way');
  });
});
