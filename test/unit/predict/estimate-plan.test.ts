import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import type { Estimate } from '../../../core/predict/estimate.ts';
import { estimatePlan, upperSecondsFactor } from '../../../core/predict/estimate-plan.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import { anyRecipe, anyTraits, photograph, recipeOf } from './samples.ts';

const threads = 4;
const estimateOf = (recipe: Recipe, traits: Traits, vcpus = 4): Estimate =>
  estimatePlan(buildPlan(recipe, traits, { threads, containerFilters: [] }), traits, { vcpus });
const termsOf = (estimate: Estimate) =>
  estimate.stages.flatMap(({ terms }) =>
    terms.map(({ name, detail, megapixels }) => `${name} [${detail}] ${megapixels} MP`),
  );
const working = (estimate: Estimate): number => estimate.stages.reduce((sum, { seconds }) => sum + seconds, 0);
const decodeSeconds = (estimate: Estimate): number => estimate.stages[0]?.terms[0]?.cpuSeconds ?? 0;

const whole = recipeOf('outputs: [{ name: a, steps: [median: { size: 9 }], formats: [avif: { effort: 6 }, jpeg] }]');
const small = recipeOf('outputs: [{ name: a, steps: [resize: { width: 500 }], formats: [jpeg] }]');

describe('estimatePlan', () => {
  it('names every term of every stage with its pixels and the options that are no defaults', () => {
    expect(termsOf(estimateOf(whole, photograph(4000, 2500)))).toEqual([
      'decode jpeg [] 10 MP',
      'median [size 9] 10 MP',
      'write intermediate [] 10 MP',
      'read intermediate [] 10 MP',
      'encode avif [effort 6] 10 MP',
      'read intermediate [] 10 MP',
      'encode jpeg [] 10 MP',
    ]);
  });

  it('adds up: stages and what is fixed make the median, and the bound keeps its distance', () => {
    const estimate = estimateOf(whole, photograph(4000, 2500));
    expect(estimate.stages.map(({ id }) => id)).toEqual(['a', 'a.avif', 'a.jpg']);
    expect(estimate.seconds.median).toBeCloseTo(estimate.fixedSeconds.median + working(estimate), 9);
    expect(estimate.seconds.upper).toBeCloseTo(estimate.fixedSeconds.upper + upperSecondsFactor * working(estimate), 9);
    // The median is shared by four threads; reading and writing are serial.
    const [read = 0, median = 0, write = 0] = estimate.stages[0]?.terms.map(({ cpuSeconds }) => cpuSeconds) ?? [];
    expect(median).toBeGreaterThan(10 * (read + write));
    expect(estimate.stages[0]?.seconds).toBeCloseTo(read + median / threads + write, 9);
  });

  it.each([
    [8, 4],
    [4, 4],
    [2, 2],
    [1.5, 1.5],
    [1, 1],
    [0.5, 0.5],
  ])('on %s vCPUs four threads encode AVIF %s times as fast as one on a whole vCPU', (vcpus, speed) => {
    const stage = estimateOf(whole, photograph(4000, 2500), vcpus).stages[1];
    const [read = 0, encode = 0] = stage?.terms.map(({ cpuSeconds }) => cpuSeconds) ?? [];
    expect(stage?.seconds).toBeCloseTo(encode / speed + read / Math.min(1, vcpus), 9);
  });

  it('knows that a JPEG is decoded small where a resize comes first, and that no other is', () => {
    const shareOf = (text: string, differs: Partial<Traits> = {}) => {
      const traits = photograph(8000, 6000, differs);
      return decodeSeconds(estimateOf(recipeOf(text), traits)) / decodeSeconds(estimateOf(whole, traits));
    };
    const resized = 'outputs: [{ name: a, steps: [autoOrient, resize: { width: 500 }], formats: [png] }]';
    expect(shareOf(resized)).toBeLessThan(0.5);
    expect(shareOf(resized, { format: 'webp' })).toBe(1);
    expect(shareOf(resized, { isProgressive: true })).toBeLessThan(0.8);
    expect(shareOf(resized, { format: 'png' })).toBe(1);
    expect(shareOf(resized, { format: 'avif' })).toBe(1);
    expect(shareOf('outputs: [{ name: a, steps: [resize: { width: 7000 }], formats: [png] }]')).toBe(1);
    expect(
      shareOf(
        'outputs: [{ name: a, steps: [crop: { width: 900, height: 900 }, resize: { width: 50 }], formats: [png] }]',
      ),
    ).toBe(1);
    expect(shareOf('outputs: [{ name: a, steps: [sharpen, resize: { width: 50 }], formats: [png] }]')).toBe(1);
  });

  it('turns the small picture where sharp does, and the whole one where a crop follows', () => {
    const turned = photograph(8000, 6000, { orientation: 6 });
    const turnedPixels = (text: string) =>
      estimateOf(recipeOf(text), turned).stages[0]?.terms.find(({ name }) => name === 'autoOrient')?.megapixels;
    expect(
      turnedPixels('outputs: [{ name: a, steps: [autoOrient, resize: { width: 600 }], formats: [png] }]'),
    ).toBeCloseTo(0.48);
    expect(
      turnedPixels(
        'outputs: [{ name: a, steps: [autoOrient, crop: { width: 90, height: 90 }, resize: { width: 60 }], formats: [png] }]',
      ),
    ).toBe(48);
  });

  it('counts memory that operations hold together, and of the hungriest stage only', () => {
    const memory = (text: string) => estimateOf(recipeOf(text), photograph(10_000, 10_000)).memoryMiB.median;
    const streams = memory('outputs: [{ name: a, formats: [jpeg: { optimiseCoding: false }] }]');
    const held = memory('outputs: [{ name: a, formats: [jpeg] }]');
    const heldTwice = memory('outputs: [{ name: a, steps: [blur: { sigma: 8 }], formats: [jpeg] }]');
    const [inJpeg, inBlur] = estimateOf(
      recipeOf('outputs: [{ name: a, steps: [blur: { sigma: 8 }], formats: [jpeg] }]'),
      photograph(10_000, 10_000),
    )
      .stages.flatMap(({ terms }) => terms.slice(1).reverse())
      .map(({ heldBytes }) => heldBytes / 2 ** 20);
    expect(streams).toBeLessThan(350);
    expect(held - streams).toBeCloseTo(inJpeg ?? 0, 6);
    expect(heldTwice - held).toBeCloseTo(inBlur ?? 0, 6);
    expect(inBlur).toBeGreaterThan(200);
    expect(memory('outputs: [{ name: a, formats: [jpeg] }, { name: b, formats: [jpeg] }]')).toBeCloseTo(held, 9);
  });

  it('counts the intermediates that exist at once on disk, not all there ever are', () => {
    const traits = photograph(2000, 1000, { fileBytes: 0 });
    const disk = (text: string) => estimateOf(recipeOf(text), traits).diskMiB.median;
    const chain = (count: number) => `outputs: [{ name: a, steps: [${'sharpen, '.repeat(count)}], formats: [avif] }]`;
    const picture = 6e6 / 2 ** 20;
    expect(disk(chain(2)) - disk(chain(1))).toBeCloseTo(picture, 2);
    expect(disk(chain(3)) - disk(chain(2))).toBeCloseTo(picture, 2);
    expect(disk(chain(5))).toBeCloseTo(disk(chain(3)), 9);
  });

  it('counts missing and awkward facts as slow and large, never as fast or small', () => {
    const odd: Partial<Traits>[] = [
      { frames: { count: 1, known: 'atLeast' } },
      { isProgressive: true },
      { hasProfile: true },
      { isCmyk: true, channels: 4 },
      { format: 'png', isInterlaced: true },
      { format: 'png', channels: 4, hasAlpha: true },
      { format: 'png', bitDepth: 16 },
      { format: 'webp', frames: { count: 3, known: 'atLeast' } },
      { format: 'avif', hasProfile: true },
    ];
    for (const differs of odd) {
      for (const recipe of [whole, small]) {
        const plain = estimateOf(recipe, photograph(4000, 3000, { format: differs.format ?? 'jpeg' }));
        const estimate = estimateOf(recipe, photograph(4000, 3000, differs));
        expect(estimate.seconds.upper).toBeGreaterThanOrEqual(plain.seconds.upper);
        expect(estimate.memoryMiB.upper).toBeGreaterThanOrEqual(plain.memoryMiB.upper);
        expect(estimate.diskMiB.upper).toBeGreaterThanOrEqual(plain.diskMiB.upper);
        expect(estimate).not.toEqual(plain);
      }
    }
  });
});

describe('the estimate of several frames', () => {
  const animation = (count: number, differs: Partial<Traits> = {}) =>
    photograph(400, 300, { format: 'gif', frames: { count, known: 'exact' }, fileBytes: 0, ...differs });
  const kept = recipeOf('outputs: [{ name: a, steps: [sharpen], formats: [webp] }]');
  const first = recipeOf('outputs: [{ name: a, frames: first, steps: [sharpen], formats: [webp] }]');

  it('counts every frame in every term, and what taking them apart takes', () => {
    expect(termsOf(estimateOf(kept, animation(50)))).toEqual([
      'decode gif [] 6 MP',
      'write intermediate [] 6 MP',
      'read intermediate [] 6 MP',
      'sharpen [] 6 MP',
      'write intermediate [] 6 MP',
      'take pages apart [50 pages] 6 MP',
      'read intermediate [] 6 MP',
      'encode webp [] 6 MP',
    ]);
    expect(working(estimateOf(kept, animation(100))) / working(estimateOf(kept, animation(50)))).toBeCloseTo(2, 6);
  });

  it('counts one where the first is wanted', () => {
    expect(estimateOf(first, animation(50))).toEqual(estimateOf(first, animation(1)));
  });

  it('holds one frame, and has all of them on disk as often as they lie there at once', () => {
    const [few, many] = [estimateOf(kept, animation(50)), estimateOf(kept, animation(5000))];
    // The file of an animated WebP is held until its end; nothing else grows once the rows that stream are filled.
    const heldOf = ({ stages }: Estimate) =>
      stages.slice(0, -1).map(({ terms }) => terms.reduce((sum, { heldBytes }) => sum + heldBytes, 0));
    expect(heldOf(many)).toEqual(heldOf(few));
    const frameMiB = (400 * 300 * 3) / 2 ** 20;
    expect(many.diskMiB.median).toBeGreaterThan(2 * 5000 * frameMiB);
    expect(many.diskMiB.median).toBeLessThan(3 * 5000 * frameMiB);
  });

  it('has all frames of an animated WebP in memory, and on disk where they are many, since its decoder does', () => {
    const webp = (count: number) =>
      estimateOf(kept, animation(count, { format: 'webp' })).stages[0]?.terms[0]?.heldBytes ?? 0;
    expect(webp(2000) - webp(1000)).toBeCloseTo(1000 * 400 * 300 * 3, -3);
    const disk = (format: 'gif' | 'webp', count: number) =>
      estimateOf(kept, animation(count, { format })).diskMiB.median;
    expect(disk('webp', 1000) - disk('gif', 1000)).toBeCloseTo((1000 * 400 * 300 * 3) / 2 ** 20, 1);
    expect(disk('webp', 100)).toBeCloseTo(disk('gif', 100), 1);
  });

  it('doubts what only the start of the file tells', () => {
    const exact = estimateOf(kept, animation(50));
    const guessed = estimateOf(kept, animation(50, { frames: { count: 50, known: 'atLeast' } }));
    expect(guessed.seconds.upper).toBeGreaterThan(exact.seconds.upper);
  });
});

describe('the estimate of a gigapixel', () => {
  const thumbnail = recipeOf(
    'steps: [autoOrient]\noutputs: [{ name: a, steps: [resize: { width: 320, height: 320, fit: cover }, sharpen], formats: [webp, jpeg] }]',
  );
  const gigapixel = (differs: Partial<Traits>) =>
    photograph(31_623, 31_623, { format: 'tiff', compression: 'none', blockRows: 1, fileBytes: 3e9, ...differs });

  // The rendering process took 264 to 317 MiB in each of these forms, and 170 are kept back for the worker's own.
  it.each<[string, Partial<Traits>]>([
    ['strips', {}],
    ['tiles', { isTiled: true, blockRows: 256 }],
    ['strips in LZW', { compression: 'lzw' }],
    ['tiles in Deflate', { compression: 'deflate', isTiled: true, blockRows: 256 }],
  ])('as TIFF in %s says what was measured, at most twice, and fits 1 GiB', (_, differs) => {
    const { memoryMiB } = estimateOf(thumbnail, gigapixel(differs), 1);
    expect(memoryMiB.upper).toBeGreaterThan(317 + 170);
    expect(memoryMiB.upper).toBeLessThan(2 * (264 + 170));
  });
});

describe('every estimate', () => {
  const figures = (estimate: Estimate): number[] => [
    estimate.seconds.median,
    estimate.seconds.upper,
    estimate.memoryMiB.median,
    estimate.memoryMiB.upper,
    estimate.diskMiB.median,
    estimate.diskMiB.upper,
    ...estimate.stages.map(({ seconds }) => seconds),
  ];

  it('is finite and not negative, and no bound lies below its median', () => {
    fc.assert(
      fc.property(anyRecipe, anyTraits, fc.double({ min: 0.1, max: 16, noNaN: true }), (recipe, traits, vcpus) => {
        const estimate = estimateOf(recipe, traits, vcpus);
        expect(figures(estimate).filter((figure) => !(Number.isFinite(figure) && figure >= 0))).toEqual([]);
        for (const { median, upper } of [
          estimate.seconds,
          estimate.fixedSeconds,
          estimate.memoryMiB,
          estimate.diskMiB,
        ]) {
          expect(upper).toBeGreaterThanOrEqual(median);
        }
      }),
    );
  });

  it('never falls as the picture grows', () => {
    const shape = (recipe: Recipe, traits: Traits) =>
      buildPlan(recipe, traits, { threads, containerFilters: [] }).stages.map(({ id, steps }) => [
        id,
        ...steps.map(({ filter }) => filter),
      ]);
    fc.assert(
      fc.property(anyRecipe, anyTraits, fc.integer({ min: 2, max: 9 }), (recipe, traits, times) => {
        const larger = {
          ...traits,
          width: traits.width * times,
          height: traits.height * times,
          fileBytes: traits.fileBytes * times ** 2,
        };
        fc.pre(Math.max(larger.width, larger.height) < 16_000);
        fc.pre(JSON.stringify(shape(recipe, traits)) === JSON.stringify(shape(recipe, larger)));
        const before = figures(estimateOf(recipe, traits));
        const after = figures(estimateOf(recipe, larger));
        for (const [index, figure] of before.entries())
          expect(after[index]).toBeGreaterThanOrEqual(figure * (1 - 1e-9));
      }),
    );
  });
});
