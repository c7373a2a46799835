import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { comparePixels, decodePixels } from '../../support/compare-pixels.ts';
import { applied, imageState, pictureOf, registered, samplesOf } from './one-pipeline.ts';

const side = 31;
const middle = (side * side - 1) / 2;
const dot = imageState({ width: side, height: side, channels: 1 });

/** A grey picture that is black but for one white pixel in the middle. */
const impulse = (): Promise<Buffer> => {
  const data = new Uint8Array(side * side);
  data[middle] = 255;
  return sharp(data, { raw: { width: side, height: side, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
};

const grey = async (picture: Buffer): Promise<number[]> => [
  ...(await sharp(picture).toColourspace('b-w').raw().toBuffer()),
];

describe('blur', () => {
  it('spreads a point evenly in all four directions and keeps its light', async () => {
    const blurred = await grey((await applied('blur', { sigma: 1.5 }, dot, await impulse())).data);
    const at = (x: number, y: number) => blurred[middle + y * side + x];
    for (const distance of [1, 2, 3]) {
      expect(new Set([at(distance, 0), at(-distance, 0), at(0, distance), at(0, -distance)]).size).toBe(1);
      expect(at(distance, 0)).toBeLessThan(at(distance - 1, 0) ?? 0);
    }
    const light = blurred.reduce((sum, value) => sum + value, 0);
    expect(light).toBeGreaterThan(255 * 0.85);
    expect(light).toBeLessThan(255 * 1.15);
  });
});

describe('median', () => {
  it('removes a grain of salt', async () => {
    const cleaned = await grey((await applied('median', {}, dot, await impulse())).data);
    expect(Math.max(...cleaned)).toBe(0);
  });

  it('is refused where its window is larger than the picture', async () => {
    await expect(applied('median', { size: 31 }, dot, await impulse())).resolves.toBeDefined();
    await expect(applied('median', { size: 32 }, dot, await impulse())).rejects.toThrow('window too large');
  });
});

describe('sharpen', () => {
  it('leaves an even picture as it is and steepens an edge', async () => {
    const data = Uint8Array.from({ length: side * side }, (_, index) => (index % side < 15 ? 90 : 160));
    const edge = await sharp(data, { raw: { width: side, height: side, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const row = (await grey((await applied('sharpen', {}, dot, edge)).data)).slice(0, side);
    expect(row[2]).toBe(90);
    expect(row[28]).toBe(160);
    expect(row[14]).toBeLessThan(90);
    expect(row[15]).toBeGreaterThan(160);
  });
});

describe('flatten', () => {
  it('shows the background where nothing covers it, and half of it where half does', async () => {
    const image = imageState({ width: 3, height: 1, channels: 4 });
    const data = Uint8Array.of(200, 0, 0, 255, 200, 0, 0, 128, 200, 0, 0, 0);
    const picture = await sharp(data, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    const { data: flat } = await applied('flatten', { background: '#0000ff' }, image, picture);
    const [left, half, right] = [0, 1, 2].map(async (x) => [
      ...(await sharp(flat).extract({ left: x, top: 0, width: 1, height: 1 }).raw().toBuffer()),
    ]);
    expect(await left).toEqual([200, 0, 0]);
    expect(await half).toEqual([100, 0, 127]);
    expect(await right).toEqual([0, 0, 255]);
  });
});

describe('convolve', () => {
  const kernel = (rows: number[][], more = {}) => ({ kernel: rows, ...more });
  const identity = kernel([
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]);
  const box = kernel(Array(3).fill([1, 1, 1]));
  const edges = kernel([
    [0, -1, 0],
    [-1, 4, -1],
    [0, -1, 0],
  ]);

  it.each([1, 2, 3, 4])(
    'with one in the middle is the identity, with %i channels in 8 and 16 bits',
    async (channels) => {
      for (const bitDepth of [8, 16]) {
        const image = imageState({ channels, bitDepth });
        // Extended by nothing: the picture as it is, read the same way.
        const before = await samplesOf('extend', {}, image);
        const { samples } = await samplesOf('convolve', identity, image);
        // With alpha, colours are multiplied by it and divided again: what cannot be seen loses its colour.
        if (!image.hasAlpha) expect(samples).toEqual(before.samples);
        const { data } = await applied('convolve', identity, image);
        const difference = comparePixels(await decodePixels(data), await decodePixels(await pictureOf(image)));
        expect(difference.max).toBeLessThanOrEqual(image.hasAlpha ? 2 : 0);
      }
    },
  );

  it('takes the neighbours at the side on which their weights are written', async () => {
    const fromTheLeft = kernel([
      [0, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    const moved = await grey((await applied('convolve', fromTheLeft, dot, await impulse())).data);
    expect(moved.indexOf(255)).toBe(middle + 1);
  });

  it('divides by the sum unless a scale is given, and adds the offset', async () => {
    const at = async (given: Record<string, unknown>) =>
      (await grey((await applied('convolve', given, dot, await impulse())).data))[middle];
    expect(await at(box)).toBe(28);
    expect(await at({ ...box, scale: 3 })).toBe(85);
    expect(await at({ ...edges, scale: 51 })).toBe(20);
    expect(await at({ ...box, offset: 100 })).toBe(128);
    const deep = await sharp(new Uint16Array(9), { raw: { width: 3, height: 3, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const { samples } = await samplesOf('convolve', { ...box, offset: 100 }, { ...dot, bitDepth: 16 }, deep);
    expect(samples[0]).toBe(100 * 257);
  });

  it('is refused where it would make transparency of what is opaque', () => {
    const filter = registered('convolve');
    const withAlpha = imageState({ channels: 4 });
    const result = (given: Record<string, unknown>) => filter.resultOf(withAlpha, filter.options.parse(given));
    expect(() => result(edges)).toThrow(expect.objectContaining({ code: 'AlphaNotSupported' }));
    expect(() => result({ ...box, offset: 1 })).toThrow(expect.objectContaining({ code: 'AlphaNotSupported' }));
    expect(result(box)).toEqual(withAlpha);
  });
});

/** EXIF's orientations: how a camera that was held so stores an upright picture. sharp flips first, then turns. */
const storedAs: Readonly<Record<number, (upright: Sharp) => Sharp>> = {
  1: (upright) => upright,
  2: (upright) => upright.flop(),
  3: (upright) => upright.rotate(180),
  4: (upright) => upright.flip(),
  5: (upright) => upright.flip().rotate(90),
  6: (upright) => upright.rotate(270),
  7: (upright) => upright.flip().rotate(270),
  8: (upright) => upright.rotate(90),
};

describe('autoOrient', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('shows orientation %i upright', async (orientation) => {
    const upright = await pictureOf(imageState({ width: 12, height: 7 }));
    const turned = await storedAs[orientation]?.(sharp(upright)).png().toBuffer();
    const stored = await sharp(turned).withMetadata({ orientation }).png().toBuffer();
    const { width, height } = await sharp(stored).metadata();
    const { data } = await applied('autoOrient', {}, imageState({ width, height, orientation }), stored);
    expect(comparePixels(await decodePixels(data), await decodePixels(upright))).toEqual({ mean: 0, max: 0 });
    expect((await sharp(data).metadata()).orientation).toBeUndefined();
  });
});
