import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CapacityError, InvalidInputError } from '../../../core/errors.ts';
import { renderInChild } from '../../../core/render/render-in-child.ts';
import type { RenderJob } from '../../../core/render/render-job.ts';
import { isRunning, statOf } from '../../support/is-running.ts';
import { encoding, jobOf, noisyPicture, step, temporaryFolder, traitsOf } from '../../unit/render/fixtures.ts';

const limits = { timeoutSeconds: 60, memoryMiB: 1024 };
const isLinux = process.platform === 'linux';

const child = (name: string): URL => new URL(`./children/${name}.ts`, import.meta.url);

const smallJob = async (): Promise<RenderJob> => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload');
  await noisyPicture(200, 150).jpeg().toFile(path);
  const steps = [step('resize', { width: 100 }), step('sharpen')];
  return jobOf(folder, path, traitsOf({ format: 'jpeg', width: 200, height: 150 }), {
    steps,
    formats: [encoding('jpeg'), encoding('png')],
  });
};

/** Work for minutes: a blur beyond libvips' vector code. */
const endlessJob = async (): Promise<RenderJob> => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload');
  await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#336699' } })
    .jpeg()
    .toFile(path);
  return jobOf(folder, path, traitsOf({ format: 'jpeg', width: 4000, height: 3000 }), {
    steps: [step('blur', { sigma: 800 })],
  });
};

/** The processes that this one has started and that have not ended. */
const childProcesses = (): string =>
  isLinux
    ? readdirSync('/proc/self/task')
        .map((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8'))
        .join('')
        .trim()
    : '';

afterEach(() => {
  expect(childProcesses()).toBe('');
});

describe('rendering in a child', () => {
  it('answers with files, and tells of each stage as it ends', async () => {
    const job = await smallJob();
    const heard: string[] = [];
    const { outputs, stages, peakMemoryMiB } = await renderInChild(job, {
      ...limits,
      onStage: ({ id }) => heard.push(id),
    });
    expect(heard).toEqual(job.plan.stages.map(({ id }) => id));
    expect(stages.map(({ id }) => id)).toEqual(heard);
    expect((await readdir(job.workDir)).sort()).toEqual(['out.jpg', 'out.png']);
    for (const { path, width, height } of outputs)
      expect(await sharp(path).metadata()).toMatchObject({ width, height });
    expect(peakMemoryMiB).toBeGreaterThan(30);
  });

  it('refuses a broken picture with the class, code and message of the child', async () => {
    const job = await smallJob();
    const bytes = readFileSync(job.inputPath);
    await writeFile(job.inputPath, bytes.subarray(0, bytes.length / 2));
    const error: unknown = await renderInChild(job, limits).catch((caught) => caught);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({
      code: 'CorruptImage',
      retryable: false,
      message: expect.stringContaining('premature end'),
    });
  });

  it('knows none of the credentials', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'secret');
    const job = await smallJob();
    const failed = renderInChild(job, { ...limits, childPath: child('tells-environment') });
    const message = await failed.catch((error: Error) => error.message);
    vi.unstubAllEnvs();
    const names = String(message)
      .split(' ')
      .filter((name) => !name.startsWith('NODE_'));
    expect(names).toContain('PATH');
    for (const name of names) expect(['HOME', 'LANG', 'MALLOC_ARENA_MAX', 'PATH', 'TMPDIR']).toContain(name);
  });
});

describe('the limits', () => {
  it('kill at the end of the time, in the middle of a stage', async () => {
    const error: unknown = await renderInChild(await endlessJob(), { ...limits, timeoutSeconds: 1.5 }).catch(
      (caught) => caught,
    );
    expect(error).toBeInstanceOf(CapacityError);
    expect(error).toMatchObject({ code: 'OutOfTime', message: expect.stringContaining('1.5 s') });
  });

  it.skipIf(!isLinux)('kill above the memory', async () => {
    const failed = renderInChild(await smallJob(), { ...limits, memoryMiB: 200, childPath: child('takes-memory') });
    await expect(failed).rejects.toMatchObject({ name: 'CapacityError', code: 'OutOfMemory' });
  });

  it('kill on abort, with the reason of whoever aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('The host is being taken back.');
    const failed = renderInChild(await endlessJob(), { ...limits, signal: controller.signal });
    controller.abort(reason);
    await expect(failed).rejects.toBe(reason);
  });

  it('start nothing where it was aborted before', async () => {
    const reason = new Error('Too late.');
    await expect(renderInChild(await smallJob(), { ...limits, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it('let the caller stop at a stage', async () => {
    const onStage = () => {
      throw new Error('The claim is lost.');
    };
    await expect(renderInChild(await smallJob(), { ...limits, onStage })).rejects.toThrow('The claim is lost.');
  });
});

describe('a child that ends by itself', () => {
  const ending = async (name: string, inputPath = ''): Promise<unknown> =>
    renderInChild({ ...(await smallJob()), inputPath }, { ...limits, childPath: child(name) });

  it.each([
    ['SIGKILL', 'CapacityError', 'OutOfMemory'],
    ['SIGSEGV', 'InvalidInputError', 'DecoderCrashed'],
    ['SIGABRT', 'InvalidInputError', 'DecoderCrashed'],
  ])('by %s: %s', async (signal, name, code) => {
    await expect(ending('ends-by-signal', signal)).rejects.toMatchObject({ name, code });
  });

  it('because it cannot start is quoted', async () => {
    await expect(ending('fails-to-start')).rejects.toMatchObject({
      name: 'InternalError',
      code: 'RendererEnded',
      message: expect.stringContaining('no sharp for this platform'),
    });
  });

  it('or answers nonsense is no result', async () => {
    await expect(ending('talks-nonsense')).rejects.toMatchObject({ name: 'InternalError', code: 'UnexpectedMessage' });
  });

  it('or names other files than those of the plan is not believed', async () => {
    await expect(ending('names-other-files')).rejects.toMatchObject({
      name: 'InternalError',
      code: 'UnexpectedOutputs',
    });
  });
});

describe.skipIf(!isLinux)('a worker that is killed', () => {
  it('takes its renderer with it, in the middle of a stage', async () => {
    const job = await endlessJob();
    const jobFile = `${job.inputPath}.json`;
    await writeFile(jobFile, JSON.stringify(job));
    const worker = spawn(process.execPath, [fileURLToPath(child('parent')), jobFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(worker.stdout), 'line');
    const renderer = Number(line);
    expect(isRunning(renderer)).toBe(true);
    // Not before it decodes: what is to be shown is that threads at work do not keep it alive.
    await vi.waitFor(() => expect(cpuTicks(renderer)).toBeGreaterThan(100), { timeout: 20_000, interval: 50 });
    worker.kill('SIGKILL');
    await once(worker, 'close');
    await vi.waitFor(() => expect(isRunning(renderer)).toBe(false), { timeout: 5000, interval: 20 });
  });

  /** CPU time in user mode, in ticks of 10 ms (field 14). */
  const cpuTicks = (pid: number): number => Number(statOf(pid)?.[11]);
});
