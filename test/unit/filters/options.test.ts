import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { blur } from '../../../core/filters/blur.ts';
import { crop } from '../../../core/filters/crop.ts';
import { flatten } from '../../../core/filters/flatten.ts';
import { median } from '../../../core/filters/median.ts';
import { sharpen } from '../../../core/filters/sharpen.ts';
import { accepts } from './one-pipeline.ts';

const blank = (): Sharp => sharp({ create: { width: 4, height: 4, channels: 3, background: 'white' } });

const sharpTakes = (call: (pipeline: Sharp) => Sharp): boolean => {
  try {
    call(blank());
    return true;
  } catch {
    return false;
  }
};

/** Numbers around every bound that sharp has, whole ones and fractions. */
const number = fc.oneof(
  fc.integer({ min: -2, max: 1002 }),
  fc.double({ min: -1, max: 12, noNaN: true }),
  fc.constantFrom(
    0,
    0.29,
    0.3,
    0.000001,
    0.0000009,
    10,
    10.01,
    1000,
    1000.5,
    1_000_000,
    1_000_001,
    100_000_000,
    100_000_001,
  ),
);

describe("the options' bounds are sharp's own", () => {
  it('blur', () => {
    fc.assert(
      fc.property(number, (sigma) => accepts('blur', { sigma }) === sharpTakes((pipeline) => pipeline.blur(sigma))),
    );
  });

  it('median', () => {
    fc.assert(
      fc.property(number, (size) => accepts('median', { size }) === sharpTakes((pipeline) => pipeline.median(size))),
    );
  });

  it.each(['sigma', 'm1', 'm2', 'x1', 'y2', 'y3'])('sharpen: %s', (option) => {
    fc.assert(
      fc.property(number, (value) => {
        const options = { sigma: 1, [option]: value };
        return accepts('sharpen', options) === sharpTakes((pipeline) => pipeline.sharpen(options));
      }),
    );
  });

  it.each(['width', 'height'] as const)('resize: %s', (axis) => {
    fc.assert(
      fc.property(
        number,
        (value) =>
          accepts('resize', { [axis]: value }) === sharpTakes((pipeline) => pipeline.resize({ [axis]: value })),
      ),
    );
  });

  it('crop, but for an empty one, which sharp only refuses when it runs', () => {
    fc.assert(
      fc.property(number, number, (left, width) => {
        fc.pre(width !== 0);
        const area = { left, top: 0, width, height: 4 };
        return accepts('crop', area) === sharpTakes((pipeline) => pipeline.extract(area));
      }),
    );
    expect(accepts('crop', { width: 0, height: 4 })).toBe(false);
  });
});

describe("the defaults are sharp's own", () => {
  it('blur has none: how much is the point of it', () => {
    expect(accepts('blur', {})).toBe(false);
    expect(blur.options.parse({ sigma: 2 })).toEqual({ sigma: 2 });
  });

  it('sharpen, median and crop', () => {
    expect(sharpen.options.parse({})).toEqual({ sigma: 1, m1: 1, m2: 2, x1: 2, y2: 10, y3: 20 });
    expect(median.options.parse({})).toEqual({ size: 3 });
    expect(crop.options.parse({ width: 3, height: 4 })).toEqual({ left: 0, top: 0, width: 3, height: 4 });
  });

  it('flatten lays on white instead of black', () => {
    expect(flatten.options.parse({})).toEqual({ background: '#ffffff' });
    expect(accepts('flatten', { background: '#ffffff80' })).toBe(false);
    expect(accepts('flatten', { background: 'transparent' })).toBe(false);
  });
});
