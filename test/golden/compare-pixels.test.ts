import { describe, expect, it } from 'vitest';
import { comparePixels, decodePixels, type Pixels } from '../support/compare-pixels.ts';
import { encodedScene } from './scene.ts';

const scene = (): Promise<Pixels> => encodedScene({ channels: 3 }).then(decodePixels);

const changed = (pixels: Pixels, change: (data: Uint8Array) => void): Pixels => {
  const data = Uint8Array.from(pixels.data);
  change(data);
  return { ...pixels, data };
};

describe('comparePixels', () => {
  it('finds no difference between a picture and itself', async () => {
    expect(comparePixels(await scene(), await scene())).toEqual({ mean: 0, max: 0 });
  });

  it('finds every pixel off by one', async () => {
    const expected = await scene();
    const actual = changed(expected, (data) => {
      for (let index = 0; index < data.length; index += 4)
        data[index] = (data[index] ?? 0) + (data[index] === 255 ? -1 : 1);
    });
    expect(comparePixels(actual, expected)).toEqual({ mean: 0.25, max: 1 });
  });

  it('finds one wild pixel by its maximum, however little it weighs in the mean', async () => {
    const expected = await scene();
    const actual = changed(expected, (data) => {
      data[400] = (data[400] ?? 0) > 127 ? 0 : 255;
    });
    const { mean, max } = comparePixels(actual, expected);
    expect(max).toBeGreaterThan(120);
    expect(mean).toBeLessThan(0.02);
  });

  it('finds swapped channels', async () => {
    const expected = await scene();
    const actual = changed(expected, (data) => {
      for (let index = 0; index < data.length; index += 4) {
        [data[index], data[index + 2]] = [data[index + 2] ?? 0, data[index] ?? 0];
      }
    });
    expect(comparePixels(actual, expected).mean).toBeGreaterThan(5);
  });

  it('finds a lost alpha channel', async () => {
    const expected = await encodedScene({ channels: 4 }).then(decodePixels);
    const actual = changed(expected, (data) => {
      for (let index = 3; index < data.length; index += 4) data[index] = 255;
    });
    expect(comparePixels(actual, expected).max).toBe(255);
  });

  it('does not see the colour of what is transparent', async () => {
    const transparent = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 0) };
    const other = { width: 1, height: 1, data: Uint8Array.of(0, 255, 0, 0) };
    expect(comparePixels(transparent, other)).toEqual({ mean: 0, max: 0 });
  });

  it('refuses pictures of different sizes', async () => {
    const expected = await scene();
    expect(() => comparePixels({ ...expected, width: expected.width - 1 }, expected)).toThrow(
      /Expected 96 x 64 pixels/,
    );
  });
});
