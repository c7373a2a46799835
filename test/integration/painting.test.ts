import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readContainerFilters } from '../../core/filters/read-container-filters.ts';
import type { Traits } from '../../core/image/traits.ts';
import { buildPlan } from '../../core/predict/build-plan.ts';
import { parseRecipe } from '../../core/recipe/parse-recipe.ts';
import { renderInChild } from '../../core/render/render-in-child.ts';
import { startTestCloud } from '../support/test-cloud.ts';
import { noisyPicture, softPicture, temporaryFolder, traitsOf } from '../unit/render/fixtures.ts';

/** Whether the program's own interpreter and libvips are here: containers/painting/Dockerfile brings them. */
const hasVips = (): boolean => {
  try {
    execFileSync('/usr/bin/python3', ['-c', "import gi; gi.require_version('Vips', '8.0')"], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const needed = 'python3-gi and gir1.2-vips-8.0';
const withVips = it.runIf(hasVips());

const limits = { timeoutSeconds: 60, memoryMiB: 2048 };
const [width, height, radius] = [64, 48, 3];

const painted = async (picture: Sharp, traits: Partial<Traits> = {}, format = 'png', size = 3) => {
  const folder = await temporaryFolder();
  const inputPath = join(folder, 'upload');
  await picture.png().toFile(inputPath);
  const containerFilters = await readContainerFilters(fileURLToPath(new URL('../..', import.meta.url)));
  const { recipe } = parseRecipe(
    `outputs: [{ name: out, steps: [{ painting: { radius: ${size} } }], formats: [${format}] }]`,
    { file: 'test.yml', name: 'test', containerFilters },
  );
  const plan = buildPlan(recipe, traitsOf({ width, height, ...traits }), { threads: 1, containerFilters });
  const workDir = await mkdtemp(join(folder, 'work-'));
  const { outputs } = await renderInChild({ plan, inputPath, workDir }, limits);
  return { inputPath, path: outputs[0]?.path ?? '' };
};

/** The filter as its definition says it, for colours of 8 bits. */
const kuwahara = (data: Buffer): number[] => {
  const at = (x: number, y: number, channel: number): number => {
    const [column, row] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
    return data[(row * width + column) * 3 + channel] ?? 0;
  };
  const means = (left: number, top: number, value: (x: number, y: number) => number): number => {
    let sum = 0;
    for (let y = top; y <= top + radius; y += 1) for (let x = left; x <= left + radius; x += 1) sum += value(x, y);
    return sum / (radius + 1) ** 2;
  };
  const light = (x: number, y: number) => (0.2126 * at(x, y, 0) + 0.7152 * at(x, y, 1) + 0.0722 * at(x, y, 2)) / 255;
  return Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    const windows = [
      [x - radius, y - radius],
      [x, y - radius],
      [x - radius, y],
      [x, y],
    ] as const;
    const varianceOf = ([left, top]: (typeof windows)[number]) =>
      means(left, top, (i, j) => light(i, j) ** 2) - means(left, top, light) ** 2;
    const [left, top] = windows.reduce((calmest, next) => (varianceOf(next) < varianceOf(calmest) ? next : calmest));
    return [0, 1, 2].map((channel) => Math.round(means(left, top, (i, j) => at(i, j, channel))));
  }).flat();
};

describe('the step painting', () => {
  withVips(`is a Kuwahara filter (${needed})`, async () => {
    const { inputPath, path } = await painted(noisyPicture(width, height));
    const [given, written] = await Promise.all([inputPath, path].map((file) => sharp(file).raw().toBuffer()));
    const expected = kuwahara(given ?? Buffer.alloc(0));
    // Where two windows are alike, rounding decides.
    const others = expected.filter((value, index) => Math.abs(value - (written?.[index] ?? -1)) > 1);
    expect(written).toHaveLength(expected.length);
    expect(others.length / expected.length).toBeLessThan(0.02);
  });

  withVips.each([
    ['grey', () => noisyPicture(width, height, 1), { channels: 1 }, 'png', 1],
    ['transparent', () => noisyPicture(width, height, 4), { channels: 4, hasAlpha: true }, 'png', 4],
    [
      'of 16 bits',
      () => softPicture(width, height).toColourspace('rgb16'),
      { bitDepth: 16 },
      '{ tiff: { compression: none, bitdepth: 16 } }',
      3,
    ],
  ] as const)(`takes a picture that is %s (${needed})`, async (_, picture, traits, format, channels) => {
    const { path } = await painted(picture(), traits, format);
    expect((await sharp(path).metadata()).channels).toBe(channels);
  });

  withVips(`rejects a picture that is smaller than a brush stroke (${needed})`, async () => {
    await expect(painted(softPicture(width, height), {}, 'png', 24)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'RefusedByProgram',
      message: expect.stringContaining('at least 49 pixels a side for a radius of 24 but received 64 x 48.'),
    });
  });

  withVips(
    `runs in the embedded cloud by the recipe painting (${needed})`,
    async () => {
      const cloud = await startTestCloud({ lambdaSeconds: 60 });
      try {
        const versionId = await cloud.upload('a.png', await softPicture(200, 150).png().toBuffer(), 'painting');
        const manifest = await cloud.manifest('a.png', versionId, 'painting');
        expect(manifest).toMatchObject({ status: 'done', decision: { target: 'batch', container: 'painting' } });
        expect(manifest.outputs.map(({ key }) => key)).toEqual([
          'a.png/painting/painting.webp',
          'a.png/painting/painting.jpg',
        ]);
      } finally {
        await cloud.close();
      }
    },
    60_000,
  );
});
