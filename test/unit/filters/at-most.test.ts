import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import { filters } from '../../../core/filters/registry.ts';
import type { ImageState } from '../../../core/image/image-state.ts';
import { anyOptions } from './any-options.ts';
import { imageState, registered } from './one-pipeline.ts';

const bound = imageState({ width: 400, height: 300, isAtMost: true });

const result = (name: string, given: Record<string, unknown>, image: ImageState = bound): ImageState => {
  const filter = registered(name);
  return filter.resultOf(image, filter.options.parse(given));
};

describe('a picture whose size is only bounded', () => {
  it.each(filters)('is bounded after $name too, whatever it really is', ({ name, options, resultOf }) => {
    const side = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(side, side, anyOptions[name] ?? fc.constant({}), (width, height, given) => {
        const parsed = options.parse(given);
        const outcomeOf = (image: ImageState): ImageState | undefined => {
          try {
            return resultOf(image, parsed);
          } catch (error) {
            if (error instanceof InvalidInputError) return undefined;
            throw error;
          }
        };
        const most = outcomeOf({ ...bound, width: 1000, height: 1000 });
        const real = outcomeOf(imageState({ width, height }));
        // What no smaller picture could mend is refused at once; the rest once the real size is known.
        if (most === undefined) return;
        if (real === undefined || name === 'trim') return;
        expect(real.width).toBeLessThanOrEqual(most.width);
        expect(real.height).toBeLessThanOrEqual(most.height);
        if (!most.isAtMost) expect([real.width, real.height]).toEqual([most.width, most.height]);
      }),
      { numRuns: name === 'resize' ? 2000 : 100 },
    );
  });

  it.each([
    ['crop', { width: 20, height: 10 }, { width: 20, height: 10 }],
    ['resize', { width: 80, height: 60 }, { width: 80, height: 60 }],
    ['resize', { width: 80, height: 60, fit: 'contain' }, { width: 80, height: 60 }],
    ['resize', { width: 80, height: 60, fit: 'fill' }, { width: 80, height: 60 }],
  ])('has a known size after %s %o', (name, given, size) => {
    const made = result(name, given);
    expect(made).toMatchObject(size);
    expect(made.isAtMost).toBeUndefined();
  });

  it.each([
    ['resize', { width: 80, height: 60, fit: 'inside' }, { width: 80, height: 60 }],
    ['resize', { width: 800, withoutEnlargement: true }, { width: 400, height: 300 }],
    ['resize', { width: 80, withoutEnlargement: true }, { width: 80, height: 300 }],
    ['resize', { height: 900, fit: 'fill' }, { width: 400, height: 900 }],
    ['extend', { left: 7 }, { width: 407, height: 300 }],
    ['rotate', { angle: 90 }, { width: 300, height: 400 }],
    ['trim', {}, { width: 400, height: 300 }],
    ['sharpen', {}, { width: 400, height: 300 }],
  ])('stays bounded after %s %o', (name, given, size) => {
    expect(result(name, given)).toMatchObject({ ...size, isAtMost: true });
  });

  it.each([
    [{ width: 80 }],
    [{ height: 80, fit: 'inside' }],
    [{ width: 80, height: 60, fit: 'outside' }],
    [{ width: 80, fit: 'cover', withoutReduction: true }],
  ])('is refused by a resize of %o, which has no bound', (given) => {
    expect(() => result('resize', given)).toThrow(expect.objectContaining({ code: 'SizeUnknown' }));
    expect(() => result('resize', given)).toThrow(/comes after a trim/);
  });
});
