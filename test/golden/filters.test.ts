import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { filters } from '../../core/filters/registry.ts';
import type { ImageState } from '../../core/image/image-state.ts';
import { filterCases, type GoldenCase } from './cases.ts';
import { exact, expectGolden } from './golden.ts';
import { encodedScene, openScene, sceneState } from './scene.ts';

const borderWidth = 7;

/** The scene as the case wants it. */
const input = async ({ channels = 3, orientation, hasBorder }: GoldenCase): Promise<Buffer> => {
  if (hasBorder) {
    const side = { top: borderWidth, right: borderWidth, bottom: borderWidth, left: borderWidth };
    return openScene({ channels })
      .extend({ ...side, background: 'white' })
      .png()
      .toBuffer();
  }
  if (orientation === undefined) return encodedScene({ channels });
  return openScene({ channels }).withMetadata({ orientation }).png().toBuffer();
};

/** What the planner would know of that. */
const stateOf = ({ channels = 3, orientation = 1, hasBorder = false }: GoldenCase): ImageState => {
  const scene = sceneState({ channels });
  const added = hasBorder ? 2 * borderWidth : 0;
  return { ...scene, width: scene.width + added, height: scene.height + added, orientation };
};

describe.each(filters)('$name', (filter) => {
  const cases = filterCases[filter.name] ?? [];

  it('has goldens', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases)('looks as it did: $name', async (golden) => {
    const image = stateOf(golden);
    const options = filter.options.parse(golden.options);
    const picture = await filter
      .apply(sharp(await input(golden)), options, image)
      .png()
      .toBuffer();
    await expectGolden(golden.name, picture, exact);
    const { width, height, hasAlpha, isAtMost } = filter.resultOf(image, options);
    expect(await sharp(picture).metadata()).toMatchObject(isAtMost ? { hasAlpha } : { width, height, hasAlpha });
  });
});
