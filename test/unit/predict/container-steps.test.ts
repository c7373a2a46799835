import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import { estimatePlan } from '../../../core/predict/estimate-plan.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import { stampFilter } from '../../support/stamp-container.ts';
import { photograph } from './samples.ts';

const containerFilters = [stampFilter()];
const planOf = (text: string, traits: Traits) => {
  const { recipe } = parseRecipe(text, { file: 'sample.yml', name: 'sample', containerFilters });
  return buildPlan(recipe, traits, { threads: 2, containerFilters });
};
/** Each stage: what it reads, its steps, what it writes. */
const shapeOf = (text: string, traits = photograph(800, 600)): string[] =>
  planOf(text, traits).stages.map(({ id, input, steps, target }) => {
    const from = input === 'upload' ? 'upload' : input.stage;
    return `${from} -> ${steps.map(({ filter }) => filter).join('+')} -> ${id}${target.kind === 'output' ? ' (file)' : ''}`;
  });

describe('the plan of a recipe with a container’s step', () => {
  it('gives it a stage of its own, from an intermediate to an intermediate', () => {
    expect(
      shapeOf('outputs: [{ name: a, steps: [flip, { resize: { width: 400 } }, stamp, sharpen], formats: [png] }]'),
    ).toEqual([
      'upload -> flip -> a-1',
      'a-1 -> resize -> a-2',
      'a-2 -> stamp -> a-3',
      'a-3 -> sharpen -> a.png (file)',
    ]);
  });

  it('never gives it the upload, nor the encoder', () => {
    const expected = ['upload ->  -> a-decoded', 'a-decoded -> stamp -> a', 'a ->  -> a.png (file)'];
    expect(shapeOf('outputs: [{ name: a, steps: [stamp], formats: [png] }]')).toEqual(expected);
    expect(shapeOf('steps: [autoOrient, stamp]\noutputs: [{ name: a, formats: [png] }]')).toEqual(expected);
  });

  it('runs it once for all outputs that share it, and twice where it is named twice', () => {
    expect(
      shapeOf(`steps: [stamp, stamp]
outputs: [{ name: a, steps: [{ resize: { width: 10 } }], formats: [png] }, { name: b, formats: [png, webp] }]`),
    ).toEqual([
      'upload ->  -> prepare-1-decoded',
      'prepare-1-decoded -> stamp -> prepare-1',
      'prepare-1 -> stamp -> prepare-2',
      'prepare-2 -> resize -> a.png (file)',
      'prepare-2 ->  -> b.png (file)',
      'prepare-2 ->  -> b.webp (file)',
    ]);
  });

  it('carries all that estimating and rendering have to know of it', () => {
    const plan = planOf(
      'outputs: [{ name: a, steps: [{ stamp: { weight: 4 } }], formats: [png] }]',
      photograph(1000, 1000),
    );
    const step = plan.stages[1]?.steps[0];
    expect(step?.containerFilter).toEqual(stampFilter());
    expect(JSON.parse(JSON.stringify(step))).toEqual(step);
  });

  it('refuses animations, unless only their first frame is asked for', () => {
    const animation = photograph(80, 60, { format: 'gif', frames: { count: 3, known: 'exact' } });
    const animated = 'outputs: [{ name: a, steps: [stamp], formats: [webp] }]';
    expect(() => shapeOf(animated, animation)).toThrow('Expected a single picture for stamp but received 3 frames');
    expect(shapeOf(animated.replace('name: a', 'name: a, frames: first'), animation)).toHaveLength(3);
  });
});

describe('the estimate of a container’s step', () => {
  const estimateOf = (traits: Traits, weight = 4, vcpus = 8) =>
    estimatePlan(
      planOf(`outputs: [{ name: a, steps: [{ stamp: { weight: ${weight} } }], formats: [png] }]`, traits),
      traits,
      {
        vcpus,
      },
    );

  it('has a term of its own, shared by the threads that its program takes', () => {
    const traits = photograph(1000, 1000);
    const stage = estimateOf(traits).stages[1];
    expect(stage?.terms[1]).toEqual({
      name: 'stamp',
      detail: 'weight 4',
      megapixels: 1,
      cpuSeconds: 5.5,
      heldBytes: 100 * 2 ** 20 + 6_000_000 + 1_000_000,
    });
    const around = (stage?.terms ?? [])
      .filter(({ name }) => name !== 'stamp')
      .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    expect(stage?.seconds).toBeCloseTo(around + 0.5 + 5 / 2);
    expect(estimateOf(traits, 4, 1).stages[1]?.seconds).toBeCloseTo(around + 5.5);
  });

  it('is finite, and never falls as a picture or an option grows', () => {
    const side = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(side, side, fc.nat(99), (width, height, weight) => {
        const [less, wider, heavier] = [
          estimateOf(photograph(width, height), weight),
          estimateOf(photograph(width + 100, height), weight),
          estimateOf(photograph(width, height), weight + 1),
        ];
        for (const figure of ['seconds', 'memoryMiB', 'diskMiB'] as const) {
          expect(Number.isFinite(less[figure].upper)).toBe(true);
          expect(wider[figure].upper).toBeGreaterThanOrEqual(less[figure].upper);
          expect(heavier[figure].upper).toBeGreaterThanOrEqual(less[figure].upper);
        }
      }),
      { numRuns: 50 },
    );
  });
});
