import { join } from 'node:path';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import type { Traits } from '../../../core/image/traits.ts';
import type { Step } from '../../../core/recipe/recipe.ts';
import { renderPlan } from '../../../core/render/render-plan.ts';
import { comparePixels, decodePixels } from '../../support/compare-pixels.ts';
import { encoding, jobOf, noisyPicture, softPicture, step, temporaryFolder, traitsOf } from './fixtures.ts';

const rendered = async (folder: string, path: string, traits: Traits, steps: Step[]): Promise<string> => {
  const { outputs } = await renderPlan(await jobOf(folder, path, traits, { steps }));
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

// libvips enlarges with an offset of half a pixel, which shows when a picture is turned before or after it: no enlarging.
const steps = fc.array(
  fc.constantFrom(
    step('autoOrient'),
    step('crop', { left: 3, top: 2, width: 20, height: 18 }),
    step('crop', { left: 1, width: 15, height: 15 }),
    step('resize', { width: 34, height: 26, withoutEnlargement: true }),
    step('resize', { width: 31, fit: 'inside', withoutEnlargement: true }),
    step('resize', { width: 30, height: 40, fit: 'contain', background: 'white', withoutEnlargement: true }),
    step('median', { size: 3 }),
    step('blur', { sigma: 1.2 }),
    step('sharpen'),
  ),
  { minLength: 2, maxLength: 5 },
);

describe('pixels', () => {
  it("are those of the recipe's order, however few pipelines they take", async () => {
    const folder = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (recipe, orientation) => {
        const path = join(folder, `upload-${orientation}`);
        await softPicture(48, 40).withMetadata({ orientation }).png().toFile(path);
        const traits = traitsOf({ width: 48, height: 40, orientation });
        const together = await settled(() => rendered(folder, path, traits, recipe));
        const apart = await settled(() => stepByStep(folder, path, traits, recipe));
        expect(together === undefined).toBe(apart === undefined);
        if (together === undefined || apart === undefined) return;
        // A picture turned after it was scaled differs by rounding; steps in another order by far more.
        const { mean } = comparePixels(await decodePixels(together), await decodePixels(apart));
        expect(mean).toBeLessThan(0.5);
      }),
      { numRuns: 150 },
    );
  });

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
  ])('go through an intermediate unchanged: %s', async (_, picture, traits) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await picture.toFile(path);
    const direct = await jobOf(folder, path, traitsOf(traits), { steps: [step('sharpen')] });
    const formats = [encoding('png'), encoding('webp', { effort: 0 })];
    const staged = await jobOf(folder, path, traitsOf(traits), { steps: [step('sharpen')], formats });
    expect([direct.plan.stages.length, staged.plan.stages.length]).toEqual([1, 3]);
    const [one, two] = [await renderPlan(direct), await renderPlan(staged)];
    expect(two.outputs[0]?.sha256).toBe(one.outputs[0]?.sha256);
  });
});
