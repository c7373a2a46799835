import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoPicture, makeDemoPictures } from '../../cli/demo-pictures.ts';
import { bigTiffHeader } from '../support/big-tiff-header.ts';
import { outputOf, runCli, startCli } from '../support/run-cli.ts';

let folder: string;
let pictures: DemoPicture[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
  pictures = await makeDemoPictures(folder);
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

const surroundings = () => ({ cwd: folder, environment: { TMPDIR: folder } });
const start = (command: string, ...words: string[]) => startCli(command, words, surroundings());
const run = (command: string, ...words: string[]) => runCli(command, words, surroundings());

const pathOf = (key: RegExp): string => pictures.find((picture) => key.test(picture.key))?.path ?? 'no such picture';

describe('npm run demo', () => {
  it('runs its own pictures by both ways, and ends with 0', { timeout: 180_000 }, async () => {
    const { code, stdout } = await run('demo', '--json');
    const { jobs, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({});
    expect(code).toBe(0);
    expect(jobs).toHaveLength(pictures.length);
    const targets = new Set(jobs.map((job: { decision: { target: string } }) => job.decision.target));
    expect(targets).toEqual(new Set(['lambda', 'batch', 'reject']));
    for (const job of jobs) {
      expect(Object.keys(job)).toEqual(expect.arrayContaining(['key', 'recipe', 'status', 'decision', 'outputs']));
      expect(job.decision.reasons.length).toBeGreaterThan(0);
      for (const { key } of job.outputs) expect(existsSync(join(folder, '.kadam/demo', key))).toBe(true);
    }
    expect((await readdir(folder)).filter((name) => name.startsWith('kadam-'))).toEqual([]);
  });

  it('moves the picture that went to Batch to Lambda when the limit is raised', { timeout: 180_000 }, async () => {
    const panorama = pathOf(/panorama/);
    const args = [panorama, '--recipe', 'denoise', '--json', '--lambda-limit-seconds'];
    const short = JSON.parse((await run('explain', '--local', ...args, '25')).stdout);
    expect(short.jobs).toMatchObject([{ decision: { target: 'batch' } }]);
    const { jobs } = JSON.parse((await run('demo', ...args, '400')).stdout);
    expect(jobs).toMatchObject([{ status: 'done', decision: { target: 'lambda' } }]);
  });

  it('ends with 1 where a picture of the user was rejected, and prints why', { timeout: 60_000 }, async () => {
    const { code, stdout } = await run('demo', pathOf(/packing list/));
    expect(code).toBe(1);
    expect(stdout).toMatch(/rejected/);
    expect(stdout).toMatch(/why: Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF picture but received a text file/);
  });

  it.each([
    ['a file that is not there', ['nowhere.jpg'], /nowhere\.jpg/],
    ['an option that is none', ['--fast'], /--fast[\s\S]*Usage/],
    ['a limit that is no number', ['--lambda-limit-seconds', 'soon'], /above 0[\s\S]*'soon'/],
  ])('refuses %s in words', { timeout: 60_000 }, async (_name, args, text) => {
    const { code, stderr } = await run('demo', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/at .*\.ts:/);
  });
});

describe('npm run explain', () => {
  it('reads kilobytes, not the picture, and shows all that the decision rests on', async () => {
    const { code, stdout } = await run('explain', pathOf(/panorama/), '--json');
    const explained = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(explained.bytesRead).toBeLessThanOrEqual(65_536);
    const [{ traits, plan, decision }] = explained.jobs;
    expect(traits).toMatchObject({ format: 'jpeg', fileBytes: expect.any(Number) });
    expect(plan.stages.length).toBe(decision.estimate.stages.length);
    expect(decision.target).toBe('lambda');
  });

  it('says the same in words', async () => {
    const { stdout } = await run('explain', pathOf(/mountains/), '--recipe', 'thumbnail');
    expect(stdout).toMatch(/Traits[\s\S]*jpeg, \d+ x \d+[\s\S]*Plan and estimate[\s\S]*Decision\s+lambda/);
  });

  it('explains each of several recipes, and a sidecar', async () => {
    const path = pathOf(/mountains/);
    await writeFile(`${path}.kadam.yml`, 'runOn: batch\noutputs: [{ name: own, formats: [png] }]');
    const { stdout } = await run('explain', path, '--recipe', 'thumbnail,sidecar', '--json');
    expect(JSON.parse(stdout).jobs).toMatchObject([
      { recipe: { name: 'thumbnail' }, decision: { target: 'lambda' } },
      { recipe: { name: 'sidecar' }, decision: { target: 'batch' } },
    ]);
  });

  it('answers for a header that claims ten gigapixels, from its bytes alone', async () => {
    const path = join(folder, 'huge.tif');
    await writeFile(path, bigTiffHeader(125_000, 80_000));
    const alone = JSON.parse((await run('explain', path, '--json')).stdout).jobs;
    expect(alone).toMatchObject([{ decision: { target: 'reject' }, error: { code: 'UnreadableHeader' } }]);
    // As large as its pixels, but on a disk that stores no zeros.
    await truncate(path, 10_000_004_096);
    const { stdout } = await run('explain', path, '--recipe', 'thumbnail', '--json');
    const [{ traits, decision }] = JSON.parse(stdout).jobs;
    expect(traits).toMatchObject({ format: 'tiff', width: 125_000, height: 80_000 });
    expect(decision.target).toBe('batch');
    expect(decision.reasons[0]).toBe('recipe thumbnail: asked for on the command line');
    expect(decision.reasons.join()).toMatch(/does not fit Lambda/);
    const { stdout: avif } = await run('explain', path, '--recipe', 'web', '--json');
    expect(JSON.parse(avif).jobs[0].decision.reasons.length).toBeGreaterThan(1);
  });

  it('explains a rejection', async () => {
    const { code, stdout } = await run('explain', pathOf(/packing list/));
    expect(code).toBe(0);
    expect(stdout).toMatch(/reject[\s\S]*text file/);
  });
});

describe('npm start', () => {
  it('says what to type next, keeps its state, and stops on Ctrl-C', { timeout: 60_000 }, async () => {
    const data = join(folder, 'data');
    const startCloud = async () => {
      const child = start('start', '--port', '0', '--data', data, '--quiet');
      const stdout = outputOf(child, 'stdout');
      await stdout.until(/Ctrl-C/);
      const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout.seen.text)?.[0] ?? '';
      const stop = async () => {
        process.kill(child.pid ?? 0, 'SIGTERM');
        return (await once(child, 'close'))[0];
      };
      return { endpoint, stop };
    };
    const first = await startCloud();
    const { port } = new URL(first.endpoint);
    const uploaded = await fetch(`${first.endpoint}/_kadam/uploads?key=a.txt`, { method: 'PUT', body: 'no picture' });
    expect(uploaded.status).toBe(201);
    expect(await run('status', 'a.txt', '--wait', '--port', port)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/a\.txt with recipe web: rejected[\s\S]*a text file/),
    });
    const taken = await run('start', '--port', port, '--data', join(folder, 'other'));
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Expected port \d+ on 127\.0\.0\.1 to be free/),
    });
    const shared = await run('start', '--port', '0', '--data', data);
    expect(shared).toMatchObject({ code: 1, stderr: expect.stringMatching(/data folder|another process/i) });
    expect(await first.stop()).toBe(0);

    const second = await startCloud();
    expect((await run('status', 'a.txt', '--port', new URL(second.endpoint).port)).stdout).toMatch(/rejected/);
    expect(await second.stop()).toBe(0);
    await expect(fetch(second.endpoint)).rejects.toThrow();
  });
});
