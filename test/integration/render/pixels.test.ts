import { join } from 'node:path';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import type { Traits } from '../../../core/image/traits.ts';
import type { Stage } from '../../../core/predict/plan.ts';
import type { Step } from '../../../core/recipe/recipe.ts';
import { comparePixels, type Difference, decodePixels } from '../../support/compare-pixels.ts';
import {
  jobOf,
  noisyPicture,
  renderHere,
  softPicture,
  step,
  temporaryFolder,
  traitsOf,
} from '../../unit/render/fixtures.ts';

const rendered = async (folder: string, path: string, traits: Traits, steps: Step[]): Promise<string> => {
  const { outputs } = await renderHere(await jobOf(folder, path, traits, { steps }));
  return outputs[0]?.path ?? '';
};

/** The same steps, each in a plan of its own that reads what the last one wrote. */
const stepByStep = async (folder: string, path: string, traits: Traits, steps: Step[]): Promise<string> => {
  let [current, known] = [path, traits];
  for (const single of steps) {
    current = await rendered(folder, current, known, [single]);
    const { width, height, orientation = 1, channels, hasAlpha } = await sharp(current).metadata();
    known = { ...traits, width, height, orientation, channels, hasAlpha };
  }
  return current;
};

/** undefined where a step cannot be applied to what the steps before it left. */
const settled = async (work: () => Promise<string>): Promise<string | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
};

const filtering = [
  step('crop', { left: 3, top: 2, width: 20, height: 18 }),
  step('crop', { left: 1, width: 15, height: 15 }),
  // libvips enlarges with an offset of half a pixel, which shows when a picture is turned before or after it.
  step('resize', { width: 34, height: 26, withoutEnlargement: true }),
  step('resize', { width: 31, fit: 'inside', withoutEnlargement: true }),
  step('resize', { width: 30, height: 40, fit: 'contain', background: 'white', withoutEnlargement: true }),
  step('median', { size: 3 }),
  step('blur', { sigma: 1.2 }),
  step('sharpen'),
];
/** One of every other filter; each shares pipelines with some of the others, and needs its own beside the rest. */
const others = [
  step('trim', { background: '#000000' }),
  step('extend', { top: 3, left: 2, background: '#ff8000' }),
  step('extend', { right: 4, background: 'transparent' }),
  step('rotate', { angle: 90 }),
  step('rotate', { angle: 15, background: 'white' }),
  step('flip'),
  step('flop'),
  step('flatten', { background: '#2040a0' }),
  step('normalise'),
  step('linear', { a: 1.3, b: -20 }),
  step('gamma', { gamma: 1.8 }),
  step('modulate', { saturation: 1.4, hue: 40 }),
  step('grayscale'),
  step('sepia'),
  step('tint', { colour: '#8090c0' }),
  step('threshold'),
  step('negate'),
  step('convolve', {
    kernel: [
      [0, -1, 0],
      [-1, 5, -1],
      [0, -1, 0],
    ],
  }),
];
const steps = fc.array(fc.constantFrom(...filtering), { minLength: 2, maxLength: 5 });
const turningSteps = fc.array(fc.constantFrom(step('autoOrient'), ...filtering), { minLength: 2, maxLength: 5 });

/** By how much a recipe's steps in one plan differ from the same steps one by one; undefined where both are refused. */
const differenceOf = async (
  folder: string,
  path: string,
  traits: Traits,
  recipe: Step[],
): Promise<Difference | undefined> => {
  const together = await settled(() => rendered(folder, path, traits, recipe));
  const apart = await settled(() => stepByStep(folder, path, traits, recipe));
  expect(together === undefined).toBe(apart === undefined);
  if (together === undefined || apart === undefined) return undefined;
  return comparePixels(await decodePixels(together), await decodePixels(apart));
};

describe("pixels are those of the recipe's order, however few pipelines they take", () => {
  const exactly = async (folder: string, recipes: Iterable<Step[]>): Promise<void> => {
    const path = join(folder, 'upload');
    await noisyPicture(48, 40).png().toFile(path);
    for (const recipe of recipes) {
      const difference = await differenceOf(folder, path, traitsOf({ width: 48, height: 40 }), recipe);
      const names = recipe.map(({ filter }) => filter);
      if (difference !== undefined) expect({ names, ...difference }).toEqual({ names, mean: 0, max: 0 });
    }
  };

  it('exactly: every two steps, either way round', async () => {
    const pairs = filtering.flatMap((first) => filtering.map((second) => [first, second]));
    await exactly(await temporaryFolder(), pairs);
  });

  it('exactly: every other filter beside each', async () => {
    const all = [...filtering, ...others];
    const pairs = others.flatMap((other) =>
      all.flatMap((each) => [
        [other, each],
        [each, other],
      ]),
    );
    await exactly(await temporaryFolder(), pairs);
  });

  it('exactly: longer recipes of all filters', async () => {
    const recipes = fc.array(fc.constantFrom(...filtering, ...others), { minLength: 3, maxLength: 5 });
    await exactly(await temporaryFolder(), fc.sample(recipes, { numRuns: 60, seed: 1 }));
  });

  it('exactly: longer recipes', async () => {
    await exactly(await temporaryFolder(), fc.sample(steps, { numRuns: 60, seed: 1 }));
  });

  it('but for rounding where the picture is turned after it was scaled', async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(turningSteps, fc.integer({ min: 2, max: 8 }), async (recipe, orientation) => {
        const path = join(folder, `upload-${orientation}`);
        await softPicture(48, 40).withMetadata({ orientation }).png().toFile(path);
        const difference = await differenceOf(folder, path, traitsOf({ width: 48, height: 40, orientation }), recipe);
        expect(difference?.mean ?? 0).toBeLessThan(0.5);
      }),
      { numRuns: 120 },
    );
  });

  it('with transparency that a step adds and the next one lays on a colour', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await softPicture(48, 40).png().toFile(path);
    const contain = step('resize', { width: 30, height: 40, fit: 'contain', background: 'transparent' });
    const file = await rendered(folder, path, traitsOf({ width: 48, height: 40 }), [
      contain,
      step('flatten', { background: '#00ff00' }),
    ]);
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    expect([...data.subarray(0, 3)]).toEqual([0, 255, 0]);
  });
});

describe('an intermediate', () => {
  const wide = (channels: 1 | 2 | 3 | 4): Sharp => {
    const data = Uint16Array.from({ length: 40 * 30 * channels }, (_, index) => (index * 7919) % 65_536);
    const raw = sharp(data, { raw: { width: 40, height: 30, channels } });
    return raw.toColourspace(channels < 3 ? 'grey16' : 'rgb16').png();
  };

  it.each<[string, Sharp, Partial<Traits>]>([
    ['grey', noisyPicture(40, 30, 1).png(), { channels: 1 }],
    ['grey with alpha', noisyPicture(40, 30, 2).png(), { channels: 2, hasAlpha: true }],
    ['colour', noisyPicture(40, 30, 3).png(), {}],
    ['colour with alpha', noisyPicture(40, 30, 4).png(), { channels: 4, hasAlpha: true }],
    ['16-bit grey', wide(1), { channels: 1, bitDepth: 16 }],
    ['16-bit grey with alpha', wide(2), { channels: 2, bitDepth: 16, hasAlpha: true }],
    ['16-bit colour', wide(3), { bitDepth: 16 }],
    ['16-bit colour with alpha', wide(4), { channels: 4, bitDepth: 16, hasAlpha: true }],
    ['CMYK', noisyPicture(40, 30).toColourspace('cmyk').jpeg(), { format: 'jpeg', channels: 4, isCmyk: true }],
    ['a profile', noisyPicture(40, 30).withIccProfile('p3').png(), { hasProfile: true }],
    ['a palette', noisyPicture(40, 30).png({ palette: true, colours: 16 }), {}],
  ])('changes nothing for the steps behind it: %s', async (_, picture, traits) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await picture.toFile(path);
    const direct = await jobOf(folder, path, traitsOf(traits), { steps: [step('sharpen')] });
    const staged = await jobOf(folder, path, traitsOf(traits), { steps: [step('sharpen')] });
    const [last] = staged.plan.stages;
    if (last === undefined) throw new Error('Expected a stage');
    const copy: Stage = { ...last, id: 'copy', steps: [], after: last.before, target: { kind: 'intermediate' } };
    staged.plan.stages = [copy, { ...last, input: { stage: 'copy' } }];
    const [one, two] = [await renderHere(direct), await renderHere(staged)];
    expect(two.outputs[0]?.sha256).toBe(one.outputs[0]?.sha256);
  });
});
