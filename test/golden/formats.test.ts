import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { formats } from '../../core/formats/registry.ts';
import { comparePixels, decodePixels } from '../support/compare-pixels.ts';
import { formatCases } from './cases.ts';
import { exact, expectGolden, lossy } from './golden.ts';
import { encodedScene, openScene, sceneState } from './scene.ts';

/** sharp's name of what it decodes. */
const decodedName = (format: string): string => (format === 'avif' ? 'heif' : format);

const exactCases: ReadonlySet<string> = new Set([
  'png-alpha',
  'webp-lossless',
  'tiff-alpha',
  'tiff-deflate-tiles',
  'tiff-packbits-pyramid',
]);

describe.each(formats)('$name', (format) => {
  const cases = formatCases[format.name] ?? [];

  it('has goldens', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases)('looks as it did: $name', async ({ name, options, channels = 3 }) => {
    const picture = await format
      .encode(openScene({ channels }), format.options.parse(options), sceneState({ channels }))
      .toBuffer();
    expect((await sharp(picture).metadata()).format).toBe(decodedName(format.name));
    await expectGolden(name, picture, exactCases.has(name) ? exact : lossy);
  });
});

describe('lossless encodings', () => {
  it.each([
    ['png', {}],
    ['webp', { lossless: true }],
    ['tiff', {}],
    ['tiff', { compression: 'none', tile: true }],
    ['tiff', { compression: 'deflate' }],
    ['tiff', { compression: 'packbits', bigtiff: true }],
  ])('%s keeps every pixel that can be seen', async (name, options) => {
    const format = formats.find((candidate) => candidate.name === name);
    const state = sceneState({ channels: 4 });
    const picture = await format?.encode(openScene({ channels: 4 }), format.options.parse(options), state).toBuffer();
    const difference = comparePixels(
      await decodePixels(picture ?? ''),
      await decodePixels(await encodedScene({ channels: 4 })),
    );
    expect(difference).toEqual({ mean: 0, max: 0 });
  });
});
