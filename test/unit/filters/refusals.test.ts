import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
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
