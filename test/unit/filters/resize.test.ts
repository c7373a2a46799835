import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { resize } from '../../../core/filters/resize.ts';
import { resizeGeometry } from '../../../core/filters/resize-geometry.ts';
import { accepts, applied, imageState, pictureOf } from './one-pipeline.ts';

const picture = imageState({ width: 400, height: 300 });
const result = (given: Record<string, unknown>, image = picture) => resize.resultOf(image, resize.options.parse(given));

describe('resize: sizes', () => {
  it.each([
    [{ width: 200, height: 200 }, 200, 200],
    [{ width: 200, height: 200, fit: 'contain' }, 200, 200],
    [{ width: 200, height: 200, fit: 'fill' }, 200, 200],
    [{ width: 200, height: 200, fit: 'inside' }, 200, 150],
    [{ width: 200, height: 200, fit: 'outside' }, 267, 200],
    [{ width: 200 }, 200, 150],
    [{ height: 30 }, 40, 30],
    [{ width: 200, fit: 'fill' }, 200, 300],
    [{ width: 800, withoutEnlargement: true }, 400, 300],
    [{ width: 800, height: 200, withoutEnlargement: true }, 400, 200],
    [{ width: 800, height: 800, fit: 'contain', withoutEnlargement: true }, 800, 800],
    [{ width: 100, withoutReduction: true, fit: 'inside' }, 400, 300],
    [{ width: 1, fit: 'inside' }, 1, 1],
  ])('%o makes %i x %i of 400 x 300', (given, width, height) => {
    expect(result(given)).toMatchObject({ width, height });
  });

  it('never makes an axis vanish', () => {
    const line = imageState({ width: 10_000, height: 2 });
    expect(result({ width: 10 }, line)).toMatchObject({ width: 10, height: 1 });
  });

  it('rounds as sharp alone would, halves up', async () => {
    for (let width = 1; width <= 59; width += 1) {
      const { info } = await sharp(await pictureOf(imageState({ width: 60, height: 45 })))
        .resize(width)
        .toBuffer({ resolveWithObject: true });
      const { final } = resizeGeometry({ width: 60, height: 45 }, { ...resize.options.parse({ width }) });
      expect(final).toEqual({ width: info.width, height: info.height });
    }
  });
});

describe('resize: need', () => {
  it.each([
    [{ width: 400 }, false],
    [{ width: 800, withoutEnlargement: true }, false],
    [{ width: 400, height: 300, fit: 'contain' }, false],
    [{ width: 400, height: 299 }, true],
    [{ width: 399 }, true],
    [{ width: 500, height: 300, fit: 'contain' }, true],
  ])('%o on 400 x 300: %s', (given, isNeeded) => {
    expect(resize.isNeeded(picture, resize.options.parse(given))).toBe(isNeeded);
  });
});

describe('resize: transparency', () => {
  it('is added by transparent padding, and only where there is padding', () => {
    const contain = { width: 200, height: 200, fit: 'contain' };
    expect(result({ ...contain, background: 'transparent' })).toMatchObject({ hasAlpha: true, channels: 4 });
    expect(result({ ...contain, background: '#ffffff' })).toMatchObject({ hasAlpha: false, channels: 3 });
    expect(result({ ...contain, height: 150, background: 'transparent' })).toMatchObject({ hasAlpha: false });
  });
});

describe('resize: options', () => {
  it('fills in the defaults of sharp', () => {
    expect(resize.options.parse({ width: 5 })).toEqual({
      width: 5,
      fit: 'cover',
      position: 'centre',
      background: '#000000',
      kernel: 'lanczos3',
      withoutEnlargement: false,
      withoutReduction: false,
    });
  });

  it.each([
    ['neither width nor height', {}],
    ['a width of 0', { width: 0 }],
    ['half a pixel', { width: 10.5 }],
    ['a width as text', { width: '10' }],
    ['both limits at once', { width: 10, withoutEnlargement: true, withoutReduction: true }],
    [
      'a search for what to cut off where nothing is cut off',
      { width: 10, height: 10, fit: 'inside', position: 'attention' },
    ],
    ['an unknown fit', { width: 10, fit: 'crop' }],
    ['an unknown colour', { width: 10, background: 'mauve' }],
    ['a colour of five digits', { width: 10, background: '#12345' }],
  ])('refuse %s', (_, given) => {
    expect(accepts('resize', given)).toBe(false);
  });
});

describe('resize: cost', () => {
  it('holds the scaled picture only where it searches for what to cut off', () => {
    const cost = (given: Record<string, unknown>) => resize.cost(picture, resize.options.parse(given)).heldBytes;
    expect(cost({ width: 200, height: 200 })).toBe(0);
    expect(cost({ width: 200, height: 200, position: 'attention' })).toBeCloseTo(267 * 200 * 6.6);
    expect(cost({ width: 200, height: 150, position: 'attention' })).toBe(0);
  });
});

describe('resize: pixels', () => {
  it("are sharp's own where nothing has to be rounded", async () => {
    const image = imageState({ width: 64, height: 48 });
    const own = await applied('resize', { width: 32 }, image);
    const plain = await sharp(await pictureOf(image))
      .resize(32)
      .png()
      .toBuffer();
    expect(own.data.equals(plain)).toBe(true);
  });
});
