import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { filters } from '../../core/filters/registry.ts';
import { filterCases, type GoldenCase } from './cases.ts';
import { exact, expectGolden } from './golden.ts';
import { encodedScene, openScene, sceneState } from './scene.ts';

/** The scene, tagged with an orientation where the case has one. */
const input = async ({ channels = 3, orientation = 1 }: GoldenCase): Promise<Buffer> =>
  orientation === 1
    ? encodedScene({ channels })
    : openScene({ channels }).withMetadata({ orientation }).png().toBuffer();

describe.each(filters)('$name', (filter) => {
  const cases = filterCases[filter.name] ?? [];

  it('has goldens', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases)('looks as it did: $name', async (golden) => {
    const image = { ...sceneState({ channels: golden.channels ?? 3 }), orientation: golden.orientation ?? 1 };
    const options = filter.options.parse(golden.options);
    const picture = await filter
      .apply(sharp(await input(golden)), options, image)
      .png()
      .toBuffer();
    await expectGolden(golden.name, picture, exact);
    const { width, height, hasAlpha } = filter.resultOf(image, options);
    expect(await sharp(picture).metadata()).toMatchObject({ width, height, hasAlpha });
  });
});
