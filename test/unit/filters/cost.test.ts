import { describe, expect, it } from 'vitest';
import { interpolate } from '../../../core/filters/interpolate.ts';
import { imageState, registered } from './one-pipeline.ts';

const megapixel = imageState({ width: 1000, height: 1000 });

const seconds = (name: string, given: Record<string, unknown>, image = megapixel): number => {
  const filter = registered(name);
  return filter.cost(image, filter.options.parse(given)).parallelSeconds;
};

const rises = (values: number[]): boolean =>
  values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));

describe('the cost of a megapixel', () => {
  it.each([
    ['sharpen', { sigma: 1 }, 0.071],
    ['blur', { sigma: 8 }, 0.005],
    ['blur', { sigma: 30 }, 0.015],
    ['median', { size: 9 }, 0.18],
    ['median', { size: 51 }, 0.32],
  ])('%s %o is the measured %f', (name, given, measured) => {
    expect(seconds(name, given)).toBeCloseTo(measured, 6);
  });

  it('rises with the sigma of a blur, and by far where libvips leaves its vector code', () => {
    const sigmas = [0.3, 1, 2, 8, 20, 30, 99, 101, 280, 290, 300, 700, 1000];
    expect(rises(sigmas.map((sigma) => seconds('blur', { sigma })))).toBe(true);
    expect(seconds('blur', { sigma: 290 })).toBeGreaterThan(10 * seconds('blur', { sigma: 280 }));
  });

  it('rises with the window of a median, by its area above 8 bits', () => {
    const sizes = [1, 2, 3, 4, 9, 26, 51, 200, 1000];
    expect(rises(sizes.map((size) => seconds('median', { size })))).toBe(true);
    const deep = { ...megapixel, bitDepth: 16 };
    expect(seconds('median', { size: 50 }, deep) / seconds('median', { size: 25 }, deep)).toBeCloseTo(4);
  });

  it('is higher with alpha and above 8 bits', () => {
    expect(seconds('sharpen', {}, { ...megapixel, channels: 4, hasAlpha: true })).toBeGreaterThan(
      seconds('sharpen', {}),
    );
    expect(seconds('sharpen', {}, { ...megapixel, bitDepth: 16 })).toBeGreaterThan(seconds('sharpen', {}));
    expect(seconds('blur', { sigma: 8 }, { ...megapixel, bitDepth: 16 })).toBeGreaterThan(
      10 * seconds('blur', { sigma: 8 }),
    );
  });

  it('counts the whole picture where it is held, in the bytes that its pixels take', () => {
    const held = (image = megapixel) => registered('blur').cost(image, { sigma: 8 }).heldBytes;
    expect(held()).toBeCloseTo(3.1e6);
    expect(held({ ...megapixel, channels: 4, hasAlpha: true })).toBeCloseTo(3.1e6 * (4 / 3));
    expect(held({ ...megapixel, bitDepth: 16 })).toBeCloseTo(6.2e6);
    expect(held({ ...megapixel, channels: 1 })).toBeCloseTo(3.1e6 / 3);
  });

  it('holds nothing for a picture that is only mirrored', () => {
    const held = (orientation: number) => registered('autoOrient').cost({ ...megapixel, orientation }, {}).heldBytes;
    expect(held(2)).toBe(0);
    expect(held(3)).toBeCloseTo(3.1e6);
    expect(held(8)).toBeCloseTo(3.1e6);
  });
});

describe('interpolate', () => {
  const curve = [
    [1, 10],
    [3, 20],
    [4, 40],
  ] as const;

  it.each([
    [0, 10],
    [1, 10],
    [2, 15],
    [3, 20],
    [3.5, 30],
    [4, 40],
    [6, 80],
  ])('at %f is %f', (x, y) => {
    expect(interpolate(curve, x)).toBeCloseTo(y);
  });
});
