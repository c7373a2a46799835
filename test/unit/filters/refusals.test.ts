import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import { filters } from '../../../core/filters/registry.ts';
import { imageState, registered } from './one-pipeline.ts';

const refusal = (name: string, given: Record<string, unknown>): unknown => {
  const filter = registered(name);
  try {
    return filter.resultOf(imageState({ width: 40, height: 30 }), filter.options.parse(given));
  } catch (error) {
    return error;
  }
};

describe('a picture that a filter cannot be applied to', () => {
  it.each([
    ['crop', { left: 30, width: 11, height: 10 }, 'CropOutside', 'at least 41 x 10 pixels'],
    ['crop', { top: 21, width: 10, height: 10 }, 'CropOutside', 'at least 10 x 31 pixels'],
    ['crop', { position: 'right', width: 41, height: 10 }, 'CropOutside', 'at least 41 x 10 pixels'],
    ['median', { size: 31 }, 'PictureTooSmall', 'at least 31 x 31 pixels'],
  ])('%s %o: %s', (name, given, code, text) => {
    const error = refusal(name, given);
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(error).toMatchObject({ message: expect.stringContaining('40 x 30') });
  });

  it('is none that just fits', () => {
    expect(refusal('crop', { left: 30, top: 20, width: 10, height: 10 })).toMatchObject({ width: 10, height: 10 });
    expect(refusal('median', { size: 30 })).toMatchObject({ width: 40, height: 30 });
  });
});

describe('an animation', () => {
  const animation = imageState({ width: 800, height: 600, pages: 7 });
  const result = (name: string, given: Record<string, unknown>) => {
    const filter = registered(name);
    return filter.resultOf(animation, filter.options.parse(given));
  };

  it.each([
    ['trim', {}],
    ['normalise', {}],
    ['resize', { width: 20, height: 20, position: 'attention' }],
    ['resize', { width: 20, height: 20, position: 'entropy' }],
  ])('is refused by %s %o, which would judge every frame by itself', (name, given) => {
    expect(() => result(name, given)).toThrow(InvalidInputError);
    expect(() => result(name, given)).toThrow(expect.objectContaining({ code: 'AnimationNotSupported' }));
    expect(() => result(name, given)).toThrow(/received 7 frames.*`frames: first`/);
  });

  it('is taken by a resize that looks for nothing, or that cuts nothing off', () => {
    expect(result('resize', { width: 20, height: 20 })).toMatchObject({ width: 20, height: 20, pages: 7 });
    expect(result('resize', { width: 40, height: 30, position: 'attention' })).toMatchObject({ pages: 7 });
  });

  it.each(filters.filter(({ name }) => name !== 'trim' && name !== 'normalise').map(({ name }) => [name]))(
    'is taken by %s, frame by frame',
    (name) => {
      expect(result(name, { ...registered(name).example })).toMatchObject({ pages: 7 });
    },
  );
});

describe('a picture smaller than three pixels', () => {
  const trimmed = (size: { width: number; height: number }, given = {}) => {
    const filter = registered('trim');
    return filter.resultOf(imageState(size), filter.options.parse(given));
  };

  it('is refused by trim', () => {
    expect(() => trimmed({ width: 2, height: 9 })).toThrow(expect.objectContaining({ code: 'PictureTooSmall' }));
    expect(() => trimmed({ width: 2, height: 2 }, { lineArt: true })).toThrow(/at least 3 x 3 pixels/);
    expect(trimmed({ width: 2, height: 9 }, { lineArt: true })).toMatchObject({ isAtMost: true });
    expect(trimmed({ width: 3, height: 3 })).toMatchObject({ isAtMost: true });
  });
});
