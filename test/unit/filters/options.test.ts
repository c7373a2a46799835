import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { blur } from '../../../core/filters/blur.ts';
import { crop } from '../../../core/filters/crop.ts';
import { flatten } from '../../../core/filters/flatten.ts';
import { median } from '../../../core/filters/median.ts';
import { sharpen } from '../../../core/filters/sharpen.ts';
import { accepts, registered } from './one-pipeline.ts';

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

  it.each(['top', 'right', 'bottom', 'left'])('extend: %s', (side) => {
    fc.assert(
      fc.property(
        number,
        (value) =>
          accepts('extend', { [side]: value }) === sharpTakes((pipeline) => pipeline.extend({ [side]: value })),
      ),
    );
  });

  it.each(['threshold', 'margin'])('trim: %s', (option) => {
    fc.assert(
      fc.property(
        fc.oneof(number, fc.constantFrom(10_000_000, 10_000_001)),
        (value) =>
          accepts('trim', { [option]: value }) === sharpTakes((pipeline) => pipeline.trim({ [option]: value })),
      ),
    );
  });

  it('normalise, but for fractions, which sharp cuts off', () => {
    const percentage = fc.integer({ min: -2, max: 102 });
    fc.assert(
      fc.property(
        percentage,
        percentage,
        (lower, upper) =>
          accepts('normalise', { lower, upper }) === sharpTakes((pipeline) => pipeline.normalise({ lower, upper })),
      ),
    );
    expect(accepts('normalise', { lower: 1.5 })).toBe(false);
  });

  it('gamma, upwards; downwards it is one over that', () => {
    fc.assert(
      fc.property(
        number.filter((gamma) => gamma >= 1),
        (gamma) => accepts('gamma', { gamma }) === sharpTakes((pipeline) => pipeline.gamma(1, gamma)),
      ),
    );
    expect(accepts('gamma', { gamma: 0.34 })).toBe(true);
    expect(accepts('gamma', { gamma: 0.33 })).toBe(false);
  });

  it.each(['brightness', 'saturation'])('modulate: %s', (option) => {
    fc.assert(
      fc.property(
        number,
        (value) =>
          accepts('modulate', { [option]: value }) === sharpTakes((pipeline) => pipeline.modulate({ [option]: value })),
      ),
    );
  });

  it("threshold, but for 0, which is sharp's way of saying none", () => {
    fc.assert(
      fc.property(
        number.filter((threshold) => threshold !== 0),
        (threshold) => accepts('threshold', { threshold }) === sharpTakes((pipeline) => pipeline.threshold(threshold)),
      ),
    );
    expect(accepts('threshold', { threshold: 0 })).toBe(false);
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

  it('of the others', () => {
    const defaultsOf = (name: string) => registered(name).options.parse({});
    expect(defaultsOf('extend')).toEqual({
      top: 0,
      right: 0,
      bottom: 0,
      left: 0,
      extendWith: 'background',
      background: '#000000',
    });
    expect(defaultsOf('trim')).toEqual({ threshold: 10, lineArt: false, margin: 0 });
    expect(defaultsOf('normalise')).toEqual({ lower: 1, upper: 99 });
    expect(defaultsOf('gamma')).toEqual({ gamma: 2.2 });
    expect(defaultsOf('linear')).toEqual({ a: 1, b: 0 });
    expect(defaultsOf('modulate')).toEqual({ brightness: 1, saturation: 1, hue: 0, lightness: 0 });
    expect(defaultsOf('threshold')).toEqual({ threshold: 128 });
    expect(defaultsOf('sepia')).toEqual({ amount: 1 });
    expect(accepts('rotate', {})).toBe(false);
    expect(accepts('tint', {})).toBe(false);
    expect(accepts('convolve', {})).toBe(false);
  });

  it('negate leaves transparency alone, unlike sharp', () => {
    expect(registered('negate').options.parse({})).toEqual({ alpha: false });
  });

  it('flatten lays on white instead of black', () => {
    expect(flatten.options.parse({})).toEqual({ background: '#ffffff' });
    expect(accepts('flatten', { background: '#ffffff80' })).toBe(false);
    expect(accepts('flatten', { background: 'transparent' })).toBe(false);
  });
});

describe('options that contradict each other', () => {
  const row = [0, 1, 0];

  it.each([
    ['crop', { width: 5, height: 5, left: 1, position: 'top' }],
    ['crop', { width: 5, height: 5, position: 'attention' }],
    ['normalise', { lower: 60, upper: 40 }],
    ['convolve', { kernel: [row, row] }],
    ['convolve', { kernel: [row, row, [0, 1]] }],
    ['convolve', { kernel: Array(4).fill([0, 1, 1, 0]) }],
    ['convolve', { kernel: Array(17).fill(Array(17).fill(1)) }],
    ['linear', { a: [1, 2] }],
    ['linear', { a: Number.POSITIVE_INFINITY }],
    ['tint', { colour: '#ff000080' }],
    ['rotate', { angle: 361 }],
  ])('%s %o are refused', (name, given) => {
    expect(accepts(name, given)).toBe(false);
  });

  it('crop keeps either the corner or the position', () => {
    expect(crop.options.parse({ width: 3, height: 4, position: 'right' })).toEqual({
      width: 3,
      height: 4,
      position: 'right',
    });
  });
});
