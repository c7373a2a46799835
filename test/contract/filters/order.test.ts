import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import { filters } from '../../../core/filters/registry.ts';
import type { Step } from '../../../core/recipe/recipe.ts';
import { comparePixels, decodePixels } from '../../support/compare-pixels.ts';
import { anyOptions } from '../../unit/filters/any-options.ts';
import { spaceOf } from '../../unit/filters/one-pipeline.ts';
import { encoding, jobOf, renderHere, step, temporaryFolder, traitsOf } from '../../unit/render/fixtures.ts';

type Kind = { channels: 1 | 2 | 3 | 4; bitDepth: 8 | 16 };

/** A soft picture, different in every direction, as a PNG file: rounding changes little in it. */
const softPicture = async (folder: string, { channels, bitDepth }: Kind): Promise<string> => {
  const [width, height] = [61, 44];
  const values = Array.from({ length: width * height * channels }, (_, index) => {
    const [x, y] = [Math.floor(index / channels) % width, Math.floor(index / channels / width)];
    if (channels % 2 === 0 && index % channels === channels - 1) return 255 - x * 2;
    return [x * 3 + 20, 128 + 100 * Math.sin(y / 9), 240 - y * 3 - x][index % channels] ?? 0;
  });
  const data = bitDepth === 16 ? Uint16Array.from(values, (value) => value * 257) : Uint8Array.from(values);
  const path = join(folder, `${channels}-${bitDepth}.png`);
  await sharp(data, { raw: { width, height, channels } })
    .toColourspace(spaceOf({ channels, bitDepth }))
    .png()
    .toFile(path);
  return path;
};

/** What Kadam makes of a picture with these steps: the path of a PNG as deep as the picture. */
const rendered = async (folder: string, picture: string, steps: Step[]): Promise<string> => {
  const { width, height, channels, hasAlpha, depth } = await sharp(picture).metadata();
  const bitDepth = depth === 'ushort' ? 16 : 8;
  const traits = traitsOf({ width, height, channels, hasAlpha, bitDepth });
  const formats = [encoding('png', { bitdepth: bitDepth })];
  const { outputs } = await renderHere(await jobOf(folder, picture, traits, { steps, formats }));
  return outputs[0]?.path ?? '';
};

/** The mean difference between the steps in one recipe and each in a recipe of its own; 0 where one is refused. */
const differenceOf = async (folder: string, kind: Kind, steps: Step[]): Promise<number> => {
  const picture = await softPicture(folder, kind);
  try {
    let apart = picture;
    for (const one of steps) apart = await rendered(folder, apart, [one]);
    const together = await rendered(folder, picture, steps);
    return comparePixels(await decodePixels(together), await decodePixels(apart)).mean;
  } catch (error) {
    if (error instanceof InvalidInputError) return 0;
    throw error;
  }
};

/** What rounding between the steps comes to at most. */
const rounding = 1.5;

const anyKind: fc.Arbitrary<Kind> = fc.record({
  channels: fc.constantFrom(1, 2, 3, 4),
  bitDepth: fc.constantFrom(8, 16),
});

const anyStep: fc.Arbitrary<Step> = fc
  .constantFrom(...filters.map(({ name }) => name))
  .chain((name) => (anyOptions[name] ?? fc.constant({})).map((options) => step(name, options)));

const edges = step('convolve', {
  kernel: [
    [0, -4, 0],
    [-4, 17, -4],
    [0, -4, 0],
  ],
});
const wide = step('resize', { width: 50, height: 20, position: 'right' });
const trim = step('trim', { background: 'transparent', threshold: 160 });
const red = '#ff0000';

describe('steps', () => {
  it('run in the order in which they are written, whatever order sharp has', async () => {
    const folder = await temporaryFolder();
    const anySteps = fc.array(anyStep, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyKind, anySteps, async (kind, steps) => {
        expect(await differenceOf(folder, kind, steps)).toBeLessThan(rounding);
      }),
      { numRuns: 120 },
    );
  }, 60_000);

  // Each of these would come out otherwise if the filters' places were those of sharp's operations alone.
  it.each<[why: string, channels: 1 | 2 | 3 | 4, steps: Step[]]>([
    ['a crop is called after flop, and run before it', 3, [step('flop'), step('crop', { width: 20, height: 20 })]],
    ['flop comes between scaling and cropping', 3, [wide, step('flop')]],
    ['a quarter turn comes between scaling and cropping', 3, [wide, step('rotate', { angle: 90 })]],
    [
      'a resize makes a turn come first',
      3,
      [step('crop', { width: 30, height: 40 }), step('rotate', { angle: 90 }), wide],
    ],
    [
      'a crop makes a turn come first',
      4,
      [
        step('flatten'),
        step('rotate', { angle: 20, background: 'transparent' }),
        step('crop', { width: 30, height: 30 }),
      ],
    ],
    ['gamma darkens before the scaling', 3, [step('gamma', { gamma: 0.4 }), step('gamma', { gamma: 2.4 })]],
    ['gamma darkens early', 3, [step('modulate', { lightness: 30 }), step('gamma', { gamma: 0.4 })]],
    ['a resize multiplies alpha in', 4, [wide, step('modulate', { lightness: 30 })]],
    ['blur multiplies alpha in', 4, [step('modulate', { lightness: 30 }), step('blur', { sigma: 3 })]],
    ['what made grey keeps it grey', 3, [step('grayscale'), step('tint', { colour: red })]],
    ['what made grey keeps it grey', 3, [step('threshold'), step('linear', { a: [1, 0.5, 0.2] })]],
    ['what made grey keeps it grey', 3, [step('grayscale'), step('extend', { left: 9, background: red })]],
    [
      'what made grey keeps it grey',
      3,
      [step('grayscale'), step('resize', { width: 60, height: 60, fit: 'contain', background: red })],
    ],
    ['a negation mistakes floating-point values', 3, [step('sepia'), step('negate')]],
    ['a negation mistakes floating-point values', 3, [edges, step('negate')]],
    ['gamma mistakes floating-point values', 3, [edges, step('gamma', { gamma: 2 })]],
    ['linear is called for sepia too', 4, [step('sepia'), step('linear', { a: 0.5 }), step('negate', { alpha: true })]],
    ['linear is called for threshold too', 3, [step('threshold'), step('linear', { a: 0.5 })]],
    ['sharp forgets what it extended', 3, [wide, step('crop', { width: 9, height: 9 }), step('extend', { top: 4 })]],
    [
      'alpha that came in is not multiplied in',
      3,
      [step('extend', { top: 12, background: 'transparent' }), step('blur', { sigma: 9 })],
    ],
    ['trim leaves a size that nobody knew', 4, [trim, wide]],
    ['trim leaves a size that nobody knew', 4, [trim, step('crop', { width: 9, height: 9, position: 'right' })]],
  ])('run in their order though %s (%i channels)', async (_, channels, steps) => {
    expect(await differenceOf(await temporaryFolder(), { channels, bitDepth: 8 }, steps)).toBeLessThan(rounding);
  });
});
