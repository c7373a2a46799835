import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoPicture, makeDemoPictures } from '../../../cli/demo-pictures.ts';
import { photoLike } from '../../../cli/photo-like.ts';
import { fileSource } from '../../../core/image/file-source.ts';
import { probe } from '../../../core/image/probe.ts';
import { megapixels, type Traits } from '../../../core/image/traits.ts';

describe('makeDemoPictures', () => {
  let folder: string;
  let pictures: DemoPicture[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kadam-demo-pictures-'));
    pictures = await makeDemoPictures(folder);
  }, 120_000);
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const find = (key: string): DemoPicture => {
    const picture = pictures.find((candidate) => candidate.key === key);
    if (!picture) {
      throw new Error(`no picture ${key}`);
    }
    return picture;
  };
  const traitsOf = async (key: string): Promise<Traits> => {
    const source = await fileSource(find(key).path);
    try {
      return await probe(source);
    } finally {
      await source.close();
    }
  };

  it('gives every picture a key and a file of its own, one with a space and a letter beyond ASCII', async () => {
    expect(new Set(pictures.map(({ key }) => key)).size).toBe(pictures.length);
    expect(new Set(pictures.map(({ path }) => path)).size).toBe(pictures.length);
    expect(pictures.some(({ key }) => / /.test(key) && /[^ -~]/.test(key))).toBe(true);
    expect(pictures.map(({ note }) => note)).not.toContain('');
  });

  it('makes sizes from half a megapixel to fifty', async () => {
    const sizes = await Promise.all(
      pictures
        .filter(({ expect }) => expect === 'done')
        .map(async ({ key }) => Math.round(10 * megapixels(await traitsOf(key))) / 10),
    );
    expect(sizes.sort((a, b) => a - b)).toEqual([0.4, 2.5, 12, 48]);
  });

  it('makes one with alpha, and one that is upright only by its orientation', async () => {
    expect(await traitsOf('website/lake.png')).toMatchObject({ format: 'png', hasAlpha: true });
    const upright = await traitsOf('holiday/früh am See.jpg');
    expect(upright).toMatchObject({ format: 'jpeg', orientation: 6, width: 1920, height: 1280 });
  });

  it('makes one whose header is whole and whose data is not, and one that is no picture', async () => {
    expect(find('holiday/cut off.jpg').expect).toBe('rejected');
    expect(await traitsOf('holiday/cut off.jpg')).toMatchObject({ width: 1200, height: 900 });
    await expect(sharp(find('holiday/cut off.jpg').path).raw().toBuffer()).rejects.toThrow();
    expect(find('holiday/packing list.jpg').expect).toBe('rejected');
    await expect(traitsOf('holiday/packing list.jpg')).rejects.toMatchObject({ code: 'UnsupportedFormat' });
  });

  it('makes all others so that they can be decoded', async () => {
    for (const { path } of pictures.filter(({ expect }) => expect === 'done')) {
      await expect(sharp(path).resize(64, 64).stats()).resolves.toHaveProperty('entropy');
    }
  });
});

describe('photoLike', () => {
  it.each([
    [1, 1],
    [37, 91],
    [640, 480],
    [2000, 1500],
  ])('has %i x %i pixels of opaque colour', async (width, height) => {
    const { info } = await photoLike({ width, height }).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width, height, channels: 3 });
  });

  it('is the same for the same seed, and another for another', async () => {
    const pixels = (seed: number) => photoLike({ width: 300, height: 200, seed }).raw().toBuffer();
    const [first, again, other] = await Promise.all([pixels(4), pixels(4), pixels(5)]);
    expect(again.equals(first)).toBe(true);
    expect(other.equals(first)).toBe(false);
  });

  it('takes about the bytes of a photograph', async () => {
    const jpeg = await photoLike({ width: 900, height: 600, seed: 3 }).jpeg({ quality: 80 }).toBuffer();
    const bytesPerPixel = jpeg.length / (900 * 600);
    expect(bytesPerPixel).toBeGreaterThan(0.1);
    expect(bytesPerPixel).toBeLessThan(0.6);
  });
});
