import { describe, expect, it } from 'vitest';
import { imageState, registered } from './one-pipeline.ts';

describe('steps that would change nothing', () => {
  const image = imageState({ width: 40, height: 30 });

  it.each([
    ['crop', { width: 40, height: 30 }],
    ['crop', { width: 40, height: 30, position: 'right' }],
    ['extend', {}],
    ['rotate', { angle: 0 }],
    ['rotate', { angle: -360 }],
    ['linear', {}],
    ['linear', { a: [1, 1, 1], b: [0, 0, 0] }],
    ['gamma', { gamma: 1 }],
    ['modulate', {}],
    ['modulate', { hue: 360 }],
    ['sepia', { amount: 0 }],
    ['flatten', {}],
    ['median', { size: 1 }],
    ['autoOrient', {}],
  ])('%s %o is not needed', (name, given) => {
    const filter = registered(name);
    expect(filter.isNeeded(image, filter.options.parse(given))).toBe(false);
  });

  it('grayscale of grey is not needed, of colour it is', () => {
    expect(registered('grayscale').isNeeded(imageState({ channels: 2 }), {})).toBe(false);
    expect(registered('grayscale').isNeeded(image, {})).toBe(true);
  });
});
