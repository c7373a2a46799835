import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ContainerFilter } from '../../../core/filters/container-filter.ts';
import type { Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import { renderInChild } from '../../../core/render/render-in-child.ts';
import type { RenderJob } from '../../../core/render/render-job.ts';
import { isRunning } from '../../support/is-running.ts';
import { writeStampContainer } from '../../support/stamp-container.ts';
import { noisyPicture, temporaryFolder, traitsOf } from '../../unit/render/fixtures.ts';

const isLinux = process.platform === 'linux';
const limits = { timeoutSeconds: 60, memoryMiB: 2048 };
const [width, height] = [90, 60];

/** A job whose one output goes through the stand-in program. */
const jobOf = async (
  options: string,
  {
    traits = {},
    change = (same) => same,
  }: { traits?: Partial<Traits>; change?: (filter: ContainerFilter) => ContainerFilter } = {},
): Promise<{ job: RenderJob; folder: string }> => {
  const folder = await temporaryFolder();
  const inputPath = join(folder, 'upload');
  await noisyPicture(width, height, traits.channels === 1 ? 1 : 3)
    .png()
    .toFile(inputPath);
  const containerFilters = [change(await writeStampContainer(folder))];
  const text = `outputs: [{ name: out, steps: [{ stamp: ${options} }], formats: [png] }]`;
  const { recipe } = parseRecipe(text, { file: 'test.yml', name: 'test', containerFilters });
  const plan = buildPlan(recipe, traitsOf({ width, height, ...traits }), { threads: 1, containerFilters });
  return { job: { plan, inputPath, workDir: await mkdtemp(join(folder, 'work-')) }, folder };
};

const failureOf = async (mode: string, change?: (filter: ContainerFilter) => ContainerFilter): Promise<unknown> => {
  const { job } = await jobOf(`{ mode: ${mode} }`, change && { change });
  return renderInChild(job, limits).catch((error: unknown) => error);
};

/** The process id of the stand-in, once it runs. */
const startedIn = async (folder: string): Promise<number> => {
  const path = join(folder, 'started');
  while (!existsSync(path) || readFileSync(path, 'utf8') === '') await sleep(20);
  return Number(readFileSync(path, 'utf8'));
};

/** A job whose program is this script of a shell, in the job's folder: $1 is INPUT, $2 OUTPUT. */
const shellJob = (script: string): ReturnType<typeof jobOf> =>
  jobOf('{}', { change: (filter) => ({ ...filter, command: ['sh', '-c', script, 'sh'] }) });

/** The stand-in as a shell's child: without an end of its own, a shell would become the program. */
const behindShell = (filter: ContainerFilter): ContainerFilter => ({
  ...filter,
  command: ['sh', '-c', '"$0" containers/stamp/stamp.mjs "$@"; exit $?', process.execPath],
});

const child = (name: string): URL => new URL(`./children/${name}.ts`, import.meta.url);

describe('a stage of a container’s program', () => {
  it.each([1, 3] as const)('changes the pixels of a picture of %s channels', async (channels) => {
    const { job } = await jobOf('{}', { traits: { channels } });
    const heard: string[] = [];
    const { outputs, stages, peakMemoryMiB } = await renderInChild(job, {
      ...limits,
      onStage: ({ id }) => heard.push(id),
    });
    expect(heard).toEqual(['out-decoded', 'out', 'out.png']);
    expect(outputs.map((output) => [output.width, output.height])).toEqual([[width, height]]);
    expect(stages[1]?.cpuSeconds).toBeGreaterThan(0);
    expect(peakMemoryMiB).toBeGreaterThan(50);
    const [before, after] = await Promise.all(
      [job.inputPath, outputs[0]?.path].map((path) => sharp(path).raw().toBuffer()),
    );
    expect((await sharp(outputs[0]?.path).metadata()).channels).toBe(channels);
    expect(after).toEqual(before?.map((value) => 255 - value));
  });

  it('gets the folder that holds containers/, its threads, and none of the credentials', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'secret';
    const error = await failureOf('tell');
    delete process.env.AWS_SECRET_ACCESS_KEY;
    const [, told] = /Its last words: (.*)$/s.exec(String(error)) ?? [];
    const { cwd, environment } = JSON.parse(told ?? '{}');
    expect(cwd).toContain('kadam-test-');
    expect(environment.KADAM_THREADS).toBe('2');
    expect(Object.keys(environment).filter((name) => name.startsWith('AWS_'))).toEqual([]);
  });

  it('rejects the upload where the program says that the picture is at fault', async () => {
    expect(await failureOf('refuse')).toMatchObject({
      name: 'InvalidInputError',
      code: 'RefusedByProgram',
      message: expect.stringContaining('its program says: Expected a prettier picture.'),
    });
  });

  it('fails with what the program said last, and what it needs', async () => {
    const error = await failureOf('fail');
    expect(error).toMatchObject({ name: 'InternalError', code: 'ProgramFailed' });
    expect(String(error)).toMatch(/ended with 3\. .* needs: nothing but Node\. Its last words: no such thing/);
    expect(await failureOf('crash')).toMatchObject({
      code: 'ProgramFailed',
      message: expect.stringContaining('ended with SIGSEGV'),
    });
  });

  it('says what to install where its interpreter is not there', async () => {
    const error = await failureOf('invert', (filter) => ({
      ...filter,
      command: ['no-such-interpreter', 'stamp.py'],
      needs: 'Python 3 with libvips',
    }));
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'ProgramNotStarted' });
    expect(String(error)).toMatch(/no-such-interpreter .* ENOENT\. .* needs: Python 3 with libvips\.$/);
  });

  it('fails where the program writes another picture than its filter.yml promises', async () => {
    expect(await failureOf('shrink')).toMatchObject({
      code: 'UnexpectedResult',
      message: expect.stringContaining(
        'tiff of 90 x 60, 3 channels (uchar), orientation 1, 1 page but received tiff of 10 x 10',
      ),
    });
    const silent = await failureOf('invert', (filter) => ({ ...filter, command: ['node', '-e', '0'] }));
    expect(silent).toMatchObject({ code: 'UnexpectedResult', message: expect.stringContaining('cannot be read') });
  });

  it('fails for the renderer’s end where that comes first', async () => {
    const { job, folder } = await jobOf('{ mode: hang }');
    await expect(renderInChild(job, { ...limits, childPath: child('ends-while-waiting') })).rejects.toMatchObject({
      name: 'InternalError',
      code: 'RendererEnded',
      message: expect.stringContaining('ended with code 3'),
    });
    expect(isRunning(await startedIn(folder))).toBe(false);
  });

  it.each([
    ['asks-for-another-stage', "asked for 'out-decoded'"],
    ['asks-twice', 'asked for that of out meanwhile'],
  ])('is not started for a renderer that %s', async (name, message) => {
    const { job } = await jobOf('{ mode: hang }');
    await expect(renderInChild(job, { ...limits, childPath: child(name) })).rejects.toMatchObject({
      name: 'InternalError',
      code: 'UnexpectedProgram',
      message: expect.stringContaining(message),
    });
  });
});

describe('a program that its job ends', () => {
  it('is gone then, with what it started', async () => {
    const { job, folder } = await shellJob('sleep 600 & echo $! > started; wait');
    const controller = new AbortController();
    const aborted = renderInChild(job, { ...limits, signal: controller.signal });
    const pid = await startedIn(folder);
    expect(isRunning(pid)).toBe(true);
    controller.abort(new Error('stop'));
    await expect(aborted).rejects.toThrow('stop');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5000, interval: 20 });
  });

  it('is out of time at its job’s limit', async () => {
    const { job } = await jobOf('{ mode: hang }');
    const failed = renderInChild(job, { ...limits, timeoutSeconds: 2 });
    await expect(failed).rejects.toMatchObject({ name: 'CapacityError', code: 'OutOfTime' });
  });
});

describe.runIf(isLinux)('what a program leaves behind', () => {
  it('is gone when its picture is looked at, and is not waited for', async () => {
    // It holds standard error open, and could write the picture again.
    const { job, folder } = await shellJob('cp "$1" "$2"; sleep 600 & echo $! > started; exit 0');
    expect((await renderInChild(job, limits)).outputs).toHaveLength(1);
    expect(isRunning(await startedIn(folder))).toBe(false);
  });

  it('is not waited for in a session of its own', async () => {
    const { job, folder } = await shellJob(
      `cp "$1" "$2"; setsid sh -c 'echo $$ > started; exec sleep 600' & until [ -s started ]; do sleep 0.02; done`,
    );
    onTestFinished(async () => void process.kill(await startedIn(folder), 'SIGKILL'));
    expect((await renderInChild(job, limits)).outputs).toHaveLength(1);
  });
});

describe.runIf(isLinux)('what a program uses', () => {
  it('counts with the renderer’s memory', async () => {
    const { job, folder } = await jobOf('{ mode: hog }');
    const failed = renderInChild(job, { ...limits, memoryMiB: 400 });
    await expect(failed).rejects.toMatchObject({ name: 'CapacityError', code: 'OutOfMemory' });
    expect(isRunning(await startedIn(folder))).toBe(false);
  });

  it('counts behind a shell, too', async () => {
    const { job } = await jobOf('{ mode: hog }', { change: behindShell });
    const failed = renderInChild(job, { ...limits, memoryMiB: 400 });
    await expect(failed).rejects.toMatchObject({ name: 'CapacityError', code: 'OutOfMemory' });
  });

  it('is in the peak of its job', async () => {
    const { job } = await jobOf('{ mode: hold }', { change: behindShell });
    const { peakMemoryMiB } = await renderInChild(job, limits);
    expect(peakMemoryMiB).toBeGreaterThan(500);
  });

  it('is in the CPU seconds of its stage: its own and the system’s', async () => {
    const { job } = await jobOf('{ mode: burn }', { change: behindShell });
    const { stages } = await renderInChild(job, limits);
    expect(stages[1]?.cpuSeconds).toBeGreaterThan(0.85);
  });
});

describe.runIf(isLinux)('a worker that is killed', () => {
  it.each([
    ['alone', 1],
    ['with its group', -1],
  ])('%s takes its program with it', async (_, sign) => {
    const { job, folder } = await jobOf('{ mode: hang }');
    const jobFile = `${job.inputPath}.json`;
    await writeFile(jobFile, JSON.stringify(job));
    const worker = spawn(process.execPath, [fileURLToPath(child('parent')), jobFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    const program = await startedIn(folder);
    expect(isRunning(program)).toBe(true);
    process.kill(sign * Number(worker.pid), 'SIGKILL');
    await once(worker, 'close');
    await vi.waitFor(() => expect(isRunning(program)).toBe(false), { timeout: 5000, interval: 20 });
  });
});
