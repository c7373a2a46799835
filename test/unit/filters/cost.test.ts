import { describe, expect, it } from 'vitest';
import { interpolate } from '../../../core/filters/interpolate.ts';
import { imageState, registered } from './one-pipeline.ts';

const megapixel = imageState({ width: 1000, height: 1000 });

const seconds = (name: string, given: Record<string, unknown>, image = megapixel): number => {
  const filter = registered(name);
  const { serialSeconds, parallelSeconds } = filter.cost(image, filter.options.parse(given));
  return serialSeconds + parallelSeconds;
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

  const kernelOf = (side: number) => ({ kernel: Array(side).fill(Array(side).fill(1)) });

  // CPU seconds of one thread on 24 megapixels, less reading and writing them: 8-bit colour, 8-bit colour and alpha,
  // 16-bit colour, 16-bit colour and alpha, 8-bit grey.
  it.each([
    ['flip', {}, [0.0016, 0.002, 0.0029, 0.0037, 0.0006]],
    ['flop', {}, [0.0012, 0.001, 0.0009, 0, 0.0008]],
    ['rotate', { angle: 90 }, [0.0048, 0.0042, 0.0087, 0.0056, 0.0016]],
    ['rotate', { angle: 1 }, [0.0146, 0.0177, 0.0151, 0.0188, 0.0103]],
    ['gamma', {}, [0.0029, 0.007, 0.0021, 0.0122, 0.001]],
    ['linear', { a: 1.2, b: -10 }, [0.0076, 0.0099, 0, 0.006, 0.0024]],
    ['modulate', { hue: 10 }, [0.0415, 0.0448, 0.0421, 0.0478, 0.0382]],
    ['normalise', {}, [0.0522, 0.1123, 0.0548, 0.1152, 0.0494]],
    ['grayscale', {}, [0.0046, 0.016, 0.0425, 0.0477, 0.0001]],
    ['sepia', {}, [0.0134, 0.0186, 0.0136, 0.0176, 0.0182]],
    ['tint', { colour: '#704214' }, [0.0056, 0.0076, 0.0054, 0.0098, 0.0059]],
    ['threshold', {}, [0.0073, 0.0194, 0.0075, 0.0193, 0.0023]],
    ['negate', {}, [0, 0.0021, 0, 0.0045, 0]],
    ['convolve', kernelOf(3), [0.0195, 0.0308, 0.0125, 0.0258, 0.0071]],
    ['convolve', kernelOf(5), [0.0434, 0.0622, 0.0369, 0.0557, 0.0157]],
    ['convolve', kernelOf(9), [0.1421, 0.2002, 0.1367, 0.1834, 0.0471]],
    ['convolve', kernelOf(15), [0.4647, 0.6192, 0.4613, 0.6124, 0.1502]],
    ['trim', {}, [0.1538, 0.1773, 0.157, 0.171, 0.0508]],
    ['trim', { lineArt: true }, [0.0075, 0.0139, 0.0088, 0.0164, 0.0027]],
    ['extend', { left: 1, extendWith: 'mirror' }, [0.0024, 0.0029, 0.0036, 0.005, 0.0008]],
  ])('%s %o is about what was measured, and hardly ever less', (name, given, measured) => {
    const kinds = [
      { channels: 3, bitDepth: 8 },
      { channels: 4, bitDepth: 8 },
      { channels: 3, bitDepth: 16 },
      { channels: 4, bitDepth: 16 },
      { channels: 1, bitDepth: 8 },
    ].map((kind) => seconds(name, given, imageState({ width: 6000, height: 4000, ...kind })) / 24);
    for (const [index, predicted] of kinds.entries()) {
      const truth = measured[index] ?? 0;
      expect(predicted).toBeGreaterThanOrEqual(0.9 * truth - 0.001);
      expect(predicted).toBeLessThanOrEqual(1.5 * truth + 0.009);
    }
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
