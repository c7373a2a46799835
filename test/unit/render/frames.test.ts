import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { InputFormat, Traits } from '../../../core/image/traits.ts';
import type { Output } from '../../../core/recipe/recipe.ts';
import { encoding, jobOf, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

const [width, height, pages] = [24, 16, 5];
const delays = [40, 50, 60, 70, 80];

/** Frames so unlike each other that whatever bleeds from one into the next is seen; few colours, so that GIF is exact. */
const frames = (): Buffer =>
  Buffer.from(
    Uint8Array.from({ length: width * height * pages * 3 }, (_, index) => {
      const pixel = Math.floor(index / 3);
      const [x, y, page] = [pixel % width, Math.floor(pixel / width) % height, Math.floor(pixel / width / height)];
      if (x < 6 && y < 5) return [255, 0, 60][index % 3] ?? 0;
      return page % 2 === 0 ? 250 - page * 10 : page * 10;
    }),
  );

const encode: Readonly<Record<'gif' | 'webp' | 'tiff', (path: string) => Promise<unknown>>> = {
  gif: (path) => roll().gif({ delay: delays, loop: 3 }).toFile(path),
  webp: (path) => roll().webp({ lossless: true, delay: delays, loop: 3 }).toFile(path),
  tiff: (path) => roll().tiff({ compression: 'lzw' }).toFile(path),
};

const roll = () =>
  sharp(frames(), { raw: { width, height: height * pages, channels: 3, pageHeight: height }, pages: -1 });

const animated = (format: InputFormat, changes: Partial<Traits> = {}): Traits =>
  traitsOf({ format, width, height, frames: { count: pages, known: 'exact' }, ...changes });

/** The files of an upload of this format, by their extension, with what a decoder finds in them. */
const rendered = async (format: 'gif' | 'webp' | 'tiff', output: Partial<Omit<Output, 'name'>>) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload');
  await encode[format](path);
  const job = await jobOf(folder, path, animated(format), output);
  const { outputs } = await renderHere(job);
  expect((await readdir(job.workDir)).sort()).toEqual(outputs.map(({ path }) => path.split('/').at(-1)).sort());
  return new Map(outputs.map((written) => [written.extension, written]));
};

const decoded = async (path: string | undefined): Promise<Buffer> =>
  sharp(path, { pages: -1 }).removeAlpha().toColourspace('srgb').raw().toBuffer();

describe('an upload of several frames', () => {
  const formats = [encoding('gif'), encoding('webp', { lossless: true }), encoding('tiff'), encoding('png')];

  it.each(['gif', 'webp'] as const)(
    '%s stays animated where the format can, and is exactly as it was',
    async (format) => {
      const files = await rendered(format, { formats });
      for (const extension of ['gif', 'webp']) {
        const { path } = files.get(extension) ?? {};
        expect(await sharp(path).metadata()).toMatchObject({ pages, delay: delays, loop: 3, width, height });
        expect((await decoded(path)).equals(frames()), extension).toBe(true);
      }
      expect((await decoded(files.get('tif')?.path)).equals(frames())).toBe(true);
      expect(await sharp(files.get('tif')?.path).metadata()).toMatchObject({ pages, width, height });
      expect((await decoded(files.get('png')?.path)).equals(frames().subarray(0, width * height * 3))).toBe(true);
      expect([...files.values()].map(({ extension, pages }) => [extension, pages]).sort()).toEqual([
        ['gif', 5],
        ['png', 1],
        ['tif', 5],
        ['webp', 5],
      ]);
    },
  );

  it('keeps the pages of a TIFF in TIFF alone', async () => {
    const files = await rendered('tiff', { formats });
    expect((await decoded(files.get('tif')?.path)).equals(frames())).toBe(true);
    for (const extension of ['gif', 'webp', 'png']) {
      const { path } = files.get(extension) ?? {};
      expect((await decoded(path)).equals(frames().subarray(0, width * height * 3)), extension).toBe(true);
      expect(files.get(extension)?.pages).toBe(1);
    }
  });

  it('gives its first frame where no more is wanted', async () => {
    for (const [extension, { path, pages }] of await rendered('gif', { formats, frames: 'first' })) {
      expect(pages).toBe(1);
      expect((await decoded(path)).equals(frames().subarray(0, width * height * 3)), extension).toBe(true);
    }
  });

  it('runs as the recipe says', async () => {
    const files = await rendered('gif', { formats: [encoding('webp', { delay: 30, loop: 0 })] });
    expect(await sharp(files.get('webp')?.path).metadata()).toMatchObject({ delay: Array(pages).fill(30), loop: 0 });
  });
});

describe('steps on several frames', () => {
  const steps = [
    step('autoOrient'),
    step('resize', { width: 15, height: 13, fit: 'fill' }),
    step('blur', { sigma: 3 }),
    step('sharpen'),
    step('rotate', { angle: 90 }),
    step('blur', { sigma: 1 }),
  ];

  it.each(['gif', 'webp', 'tiff'] as const)('change each as if it were alone: %s', async (format) => {
    const folder = await temporaryFolder();
    const alone: Buffer[] = [];
    for (let page = 0; page < pages; page += 1) {
      const path = join(folder, `page-${page}.png`);
      const pixels = frames().subarray(page * width * height * 3, (page + 1) * width * height * 3);
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(path);
      const { outputs } = await renderHere(await jobOf(folder, path, traitsOf({ width, height }), { steps }));
      alone.push(await decoded(outputs[0]?.path));
    }
    const files = await rendered(format, { steps, formats: [encoding('tiff'), encoding('webp', { lossless: true })] });
    expect(files.get('tif')).toMatchObject({ width: 13, height: 15, pages });
    const together = await decoded(files.get('tif')?.path);
    const differences = together.map((value, index) => Math.abs(value - (Buffer.concat(alone)[index] ?? 0)));
    // GIF frames have an alpha channel, through which blurring rounds once more.
    expect(Math.max(...differences)).toBeLessThanOrEqual(format === 'gif' ? 1 : 0);
    expect(files.get('webp')?.pages).toBe(format === 'tiff' ? 1 : pages);
  });

  it('keep how the animation runs, through every pipeline', async () => {
    const files = await rendered('webp', { steps, formats: [encoding('webp'), encoding('gif', { effort: 1 })] });
    for (const extension of ['webp', 'gif']) {
      expect(await sharp(files.get(extension)?.path).metadata()).toMatchObject({ pages, delay: delays, loop: 3 });
    }
  });

  it('turn each as the orientation says', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await roll().withMetadata({ orientation: 6 }).tiff({ compression: 'none' }).toFile(path);
    const job = await jobOf(folder, path, animated('tiff', { orientation: 6 }), {
      steps: [step('autoOrient'), step('flip'), step('flip')],
      formats: [encoding('tiff')],
    });
    const { outputs } = await renderHere(job);
    const turned = await sharp(outputs[0]?.path).metadata();
    expect(turned).toMatchObject({ width: height, height: width, pages, orientation: 1 });
    const second = sharp(outputs[0]?.path, { page: 1 }).removeAlpha().raw();
    const upright = await sharp(frames().subarray(width * height * 3, 2 * width * height * 3), {
      raw: { width, height, channels: 3 },
    })
      .rotate(90)
      .raw()
      .toBuffer();
    expect((await second.toBuffer()).equals(upright)).toBe(true);
  });
});

describe('a damaged upload of several frames', () => {
  const render = async (bytes: Buffer, format: InputFormat, count = pages) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await writeFile(path, bytes);
    const job = await jobOf(folder, path, animated(format, { frames: { count, known: 'exact' } }), {
      steps: [step('blur', { sigma: 1 })],
      formats: [encoding('tiff')],
    });
    return renderHere(job);
  };

  const whole = async (format: 'gif' | 'webp' | 'tiff'): Promise<Buffer> => {
    const path = join(await temporaryFolder(), 'whole');
    await encode[format](path);
    return readFile(path);
  };

  it.each(['gif', 'webp', 'tiff'] as const)('is refused: %s', async (format) => {
    const bytes = await whole(format);
    await expect(render(bytes, format)).resolves.toBeDefined();
    await expect(render(bytes.subarray(0, Math.floor(bytes.length * 0.6)), format)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'CorruptImage',
    });
  });

  it('is refused where it has more frames than were counted', async () => {
    await expect(render(await whole('gif'), 'gif', pages - 1)).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining('exceeds pixel limit'),
    });
  });
});
