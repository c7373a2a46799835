import { createHash } from 'node:crypto';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../core/errors.ts';
import type { Step } from '../../../core/recipe/recipe.ts';
import { encoding, jobOf, noisyPicture, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

const picture = async (folder: string, name = 'upload'): Promise<string> => {
  const path = join(folder, name);
  await noisyPicture(40, 30).png().toFile(path);
  return path;
};

describe('a rendered plan', () => {
  it('answers every file with its size, bytes and checksum, and leaves nothing else', async () => {
    const folder = await temporaryFolder();
    const steps = [step('resize', { width: 20 }), step('flatten'), step('blur', { sigma: 1 }), step('sharpen')];
    const formats = [encoding('jpeg'), encoding('webp'), encoding('avif', { effort: 0 })];
    const job = await jobOf(folder, await picture(folder), traitsOf({}), {
      steps: [...steps, step('blur', { sigma: 2 })],
      formats,
    });
    expect(job.plan.stages.length).toBe(5);

    const heard: string[] = [];
    const { outputs, stages, peakMemoryMiB } = await renderHere(job, ({ id }) => heard.push(id));

    expect(outputs.map(({ name, extension, width, height }) => [name, extension, width, height])).toEqual([
      ['out', 'jpg', 20, 15],
      ['out', 'webp', 20, 15],
      ['out', 'avif', 20, 15],
    ]);
    for (const { path, bytes, sha256 } of outputs) {
      const content = await readFile(path);
      expect(bytes).toBe(content.length);
      expect(sha256).toBe(createHash('sha256').update(content).digest('base64'));
    }
    expect((await readdir(job.workDir)).sort()).toEqual(['out.avif', 'out.jpg', 'out.webp']);
    expect(heard).toEqual(job.plan.stages.map(({ id }) => id));
    expect(stages.map(({ id }) => id)).toEqual(heard);
    for (const { seconds, cpuSeconds } of stages) expect(seconds > 0 && cpuSeconds >= 0).toBe(true);
    expect(peakMemoryMiB).toBeGreaterThan(10);
  });

  it('answers the size that a trim has left, and works on from there', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    const border = { top: 4, right: 6, bottom: 8, left: 10, background: 'white' };
    await noisyPicture(40, 30).extend(border).png().toFile(path);
    const traits = traitsOf({ width: 56, height: 42 });
    const sizeAfter = async (steps: Step[]) => {
      const { outputs } = await renderHere(await jobOf(folder, path, traits, { steps }));
      const { width, height } = await sharp(outputs[0]?.path).metadata();
      expect(outputs[0]).toMatchObject({ width, height });
      return [width, height];
    };
    const trim = step('trim', { background: 'white' });
    expect(await sizeAfter([trim])).toEqual([40, 30]);
    const resize = { height: 15, fit: 'inside', withoutEnlargement: true };
    expect(await sizeAfter([trim, step('resize', resize)])).toEqual([20, 15]);
    await expect(sizeAfter([trim, step('crop', { width: 50, height: 10 })])).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'CropOutside',
    });
  });

  it('lays transparency on its background after every step', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await sharp({ create: { width: 40, height: 30, channels: 4, background: '#00000000' } })
      .png()
      .toFile(path);
    const job = await jobOf(folder, path, traitsOf({ channels: 4, hasAlpha: true }), {
      steps: [step('negate'), step('linear', { b: -40 })],
      formats: [encoding('jpeg')],
    });
    const { outputs } = await renderHere(job);
    expect([...(await sharp(outputs[0]?.path).raw().toBuffer()).subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it("does not answer with an older file's pixels", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    const colours: number[][] = [];
    for (const background of ['#ff0000', '#0000ff']) {
      await sharp({ create: { width: 40, height: 30, channels: 3, background } })
        .webp({ lossless: true })
        .toFile(path);
      const { outputs } = await renderHere(await jobOf(folder, path, traitsOf({})));
      colours.push([...(await sharp(outputs[0]?.path).raw().toBuffer()).subarray(0, 3)]);
    }
    expect(colours).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  it('stops where sharp makes another size than the plan has', async () => {
    const folder = await temporaryFolder();
    const job = await jobOf(folder, await picture(folder), traitsOf({}), { steps: [step('resize', { width: 20 })] });
    for (const stage of job.plan.stages) stage.after = { ...stage.after, height: 16 };
    await expect(renderHere(job)).rejects.toMatchObject({
      name: 'InternalError',
      code: 'UnexpectedSize',
      message: expect.stringMatching(/Expected 20 x 16 .* received 20 x 15/),
    });
  });

  it('stops at a filter of another version', async () => {
    const folder = await temporaryFolder();
    const job = await jobOf(folder, await picture(folder), traitsOf({}), { steps: [step('blur', { sigma: 2 })] });
    for (const planned of job.plan.stages.flatMap(({ steps }) => steps)) planned.filter = 'emboss';
    await expect(renderHere(job)).rejects.toMatchObject({ name: 'InternalError', code: 'UnknownStep' });
  });

  it('takes a missing upload for a fault of its own', async () => {
    const folder = await temporaryFolder();
    const job = await jobOf(folder, join(folder, 'nothing'), traitsOf({}));
    await expect(renderHere(job)).rejects.toBeInstanceOf(InternalError);
  });

  // /dev/full answers every write with 'No space left on device'.
  it.skipIf(process.platform !== 'linux')('says that the disk is full, for outputs and for intermediates', async () => {
    const folder = await temporaryFolder();
    const upload = await picture(folder);
    for (const format of ['jpeg', 'png', 'webp', 'avif'] as const) {
      const full = await jobOf(folder, upload, traitsOf({}), { formats: [encoding(format)] });
      await symlink('/dev/full', join(full.workDir, full.plan.stages[0]?.id ?? ''));
      await expect(renderHere(full), format).rejects.toMatchObject({ name: 'CapacityError', code: 'OutOfDisk' });
    }
    const steps = [step('sharpen'), step('blur', { sigma: 2 })];
    const staged = await jobOf(folder, upload, traitsOf({}), { steps });
    await symlink('/dev/full', join(staged.workDir, staged.plan.stages[0]?.id ?? ''));
    await expect(renderHere(staged)).rejects.toMatchObject({ name: 'CapacityError', code: 'OutOfDisk' });
  });
});
