import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import { placeOf } from '../../../core/filters/pipeline-order.ts';
import { findFilter } from '../../../core/filters/registry.ts';
import { decodedState, type ImageState } from '../../../core/image/image-state.ts';
import type { Traits } from '../../../core/image/traits.ts';
import { buildPlan } from '../../../core/predict/build-plan.ts';
import type { Plan, Stage } from '../../../core/predict/plan.ts';
import type { Step } from '../../../core/recipe/recipe.ts';
import { anyRecipe, anyTraits, photograph, recipeOf } from './samples.ts';

const threads = 2;
const planOf = (text: string, traits: Traits) => buildPlan(recipeOf(text), traits, { threads });

/** A plan in one line a stage: `small.webp <- upload: resize, sharpen: 480 x 360`. */
const shown = (plan: Plan): string[] =>
  plan.stages.map(({ id, input, steps, after }) => {
    const source = input === 'upload' ? input : input.stage;
    return `${id} <- ${source}: ${steps.map(({ filter }) => filter).join(', ')}: ${after.width} x ${after.height}`;
  });

/** The stages from the upload to this one. */
const pathTo = (plan: Plan, stage: Stage): Stage[] => {
  const { input } = stage;
  if (input === 'upload') return [stage];
  const source = plan.stages.find(({ id }) => id === input.stage);
  if (!source) throw new Error(`Stage ${stage.id} reads ${input.stage}, which does not exist.`);
  return [...pathTo(plan, source), stage];
};

/** The steps that have an effect, one after the other, without any idea of pipelines. */
const runInOrder = (steps: readonly Step[], start: ImageState): { ran: Step[]; end: ImageState } => {
  let end = start;
  const ran: Step[] = [];
  for (const step of steps) {
    const filter = findFilter(step.filter);
    if (!filter?.isNeeded(end, step.options)) continue;
    end = filter.resultOf(end, step.options);
    ran.push({ filter: step.filter, options: step.options });
  }
  return { ran, end };
};

describe('buildPlan', () => {
  it('fuses an output of one format into one pipeline that reads the upload', () => {
    const plan = planOf(
      'steps: [autoOrient]\noutputs: [{ name: a, steps: [resize: { width: 400 }, sharpen], formats: [webp] }, { name: b, steps: [resize: { width: 200 }], formats: [jpeg] }]',
      photograph(4000, 3000, { orientation: 6 }),
    );
    expect(shown(plan)).toEqual([
      'a.webp <- upload: autoOrient, resize, sharpen: 400 x 533',
      'b.jpg <- upload: autoOrient, resize: 200 x 267',
    ]);
    expect(plan.threads).toBe(threads);
  });

  it('renders the pixels of an output of several formats once', () => {
    const plan = planOf(
      'outputs: [{ name: a, steps: [resize: { width: 400 }], formats: [webp, jpeg] }]',
      photograph(4000, 3000),
    );
    expect(shown(plan)).toEqual([
      'a <- upload: resize: 400 x 300',
      'a.webp <- a: : 400 x 300',
      'a.jpg <- a: : 400 x 300',
    ]);
    expect(plan.stages[1]?.target).toMatchObject({ kind: 'output', name: 'a', format: 'webp', extension: 'webp' });
  });

  it.each([
    ['sharpen, resize: { width: 400 }', ['a-1 <- upload: sharpen: 800 x 600', 'a.png <- a-1: resize: 400 x 300']],
    [
      'sharpen, median, blur: { sigma: 2 }',
      ['a-1 <- upload: sharpen: 800 x 600', 'a.png <- a-1: median, blur: 800 x 600'],
    ],
    ['sharpen, sharpen', ['a-1 <- upload: sharpen: 800 x 600', 'a.png <- a-1: sharpen: 800 x 600']],
    [
      'crop: { width: 90, height: 80 }, resize: { width: 45 }, crop: { width: 9, height: 8 }',
      ['a.png <- upload: crop, resize, crop: 9 x 8'],
    ],
    [
      'resize: { width: 45 }, crop: { width: 9, height: 8 }, crop: { width: 3, height: 4 }',
      ['a-1 <- upload: resize, crop: 9 x 8', 'a.png <- a-1: crop: 3 x 4'],
    ],
  ])('starts a new pipeline where the order of the recipe is not that of sharp: %s', (steps, stages) => {
    expect(shown(planOf(`outputs: [{ name: a, steps: [${steps}], formats: [png] }]`, photograph(800, 600)))).toEqual(
      stages,
    );
  });

  it('leaves out what would change nothing, and an output without steps is encoded from the upload', () => {
    const text =
      'steps: [autoOrient, flatten]\noutputs: [{ name: a, steps: [resize: { width: 900, withoutEnlargement: true }], formats: [png] }]';
    expect(shown(planOf(text, photograph(800, 600)))).toEqual(['a.png <- upload: : 800 x 600']);
  });

  it('renders common filters once, even where sharp could run them together with those of an output', () => {
    const text =
      'steps: [autoOrient, median]\noutputs: [{ name: a, steps: [sharpen], formats: [png] }, { name: b, formats: [webp, jpeg] }]';
    expect(shown(planOf(text, photograph(800, 600)))).toEqual([
      'prepare-1 <- upload: median: 800 x 600',
      'a.png <- prepare-1: sharpen: 800 x 600',
      'b.webp <- prepare-1: : 800 x 600',
      'b.jpg <- prepare-1: : 800 x 600',
    ]);
  });

  it('decodes an AVIF once for several outputs: its decoder is slow and cannot shrink', () => {
    const text =
      'outputs: [{ name: a, steps: [resize: { width: 80 }], formats: [png] }, { name: b, steps: [resize: { width: 40 }], formats: [png] }]';
    const stages = [
      'prepare-1 <- upload: : 800 x 600',
      'a.png <- prepare-1: resize: 80 x 60',
      'b.png <- prepare-1: resize: 40 x 30',
    ];
    expect(shown(planOf(text, photograph(800, 600, { format: 'avif' })))).toEqual(stages);
    expect(shown(planOf(text, photograph(800, 600)))).toHaveLength(2);
  });

  it('keeps the orientation through an intermediate, so that a late autoOrient still turns', () => {
    const plan = planOf(
      'outputs: [{ name: a, steps: [resize: { width: 400 }, autoOrient], formats: [png] }]',
      photograph(800, 600, { orientation: 6 }),
    );
    expect(shown(plan)).toEqual(['a-1 <- upload: resize: 400 x 300', 'a.png <- a-1: autoOrient: 300 x 400']);
    expect(plan.stages.map(({ after }) => after.orientation)).toEqual([6, 1]);
  });

  it('gives every stage an id of its own, whatever the outputs are called', () => {
    const plan = planOf(
      'steps: [median, resize: { width: 90 }, median]\noutputs: [{ name: prepare-1, steps: [blur: { sigma: 1 }], formats: [png, webp] }, { name: prepare-2, formats: [png] }, { name: prepare-2, steps: [sharpen, resize: { width: 9 }, sharpen], formats: [webp, jpeg] }]',
      photograph(800, 600),
    );
    const ids = plan.stages.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining(['prepare-1.png', 'prepare-1.webp', 'prepare-2.png', 'prepare-2.webp', 'prepare-2.jpg']),
    );
  });

  it('refuses an output larger than its format, naming it and the numbers', () => {
    const text = 'outputs: [{ name: whole, formats: [webp] }]';
    expect(shown(planOf(text, photograph(16_383, 20)))).toHaveLength(1);
    expect(() => planOf(text, photograph(20, 16_384))).toThrow(InvalidInputError);
    expect(() => planOf(text, photograph(20, 16_384))).toThrow(
      expect.objectContaining({
        code: 'TooLarge',
        message: expect.stringMatching(
          /at most 16,?383 pixels a side for webp \(output whole\) but received 20 x 16,?384/,
        ),
      }),
    );
  });

  it('passes on what a filter refuses', () => {
    expect(() =>
      planOf('outputs: [{ name: a, steps: [crop: { width: 99, height: 9 }], formats: [png] }]', photograph(50, 50)),
    ).toThrow(InvalidInputError);
  });
});

describe('every plan', () => {
  const check = (test: (plan: Plan, traits: Traits, recipe: ReturnType<typeof recipeOf>) => void) =>
    fc.assert(
      fc.property(anyRecipe, anyTraits, (recipe, traits) =>
        test(buildPlan(recipe, traits, { threads }), traits, recipe),
      ),
    );

  it('runs each needed step once on the way to each file, in the order of the recipe', () => {
    check((plan, traits, recipe) => {
      for (const output of recipe.outputs) {
        const expected = runInOrder([...recipe.steps, ...output.steps], decodedState(traits));
        for (const { format } of output.formats) {
          const files = plan.stages.filter(
            ({ target }) => target.kind === 'output' && target.name === output.name && target.format === format,
          );
          expect(files).toHaveLength(1);
          for (const file of files) {
            const path = pathTo(plan, file);
            expect(path.flatMap(({ steps }) => steps).map(({ filter, options }) => ({ filter, options }))).toEqual(
              expected.ran,
            );
            expect(file.after).toEqual(expected.end);
          }
        }
      }
    });
  });

  it('reads only what was made before, and its pictures chain', () => {
    check((plan, traits) => {
      const made = new Map<string, ImageState>();
      const read = new Set<string>();
      for (const { id, input, before, steps, after, target } of plan.stages) {
        const source = input === 'upload' ? decodedState(traits) : made.get(input.stage);
        expect(before).toEqual(source);
        const states = [before, ...steps.map((step) => step.after)];
        expect(steps.map((step) => step.before)).toEqual(states.slice(0, -1));
        expect(after).toEqual(states.at(-1));
        if (input !== 'upload') read.add(input.stage);
        expect(made.has(id)).toBe(false);
        if (target.kind === 'intermediate') made.set(id, after);
      }
      expect([...made.keys()].filter((id) => !read.has(id))).toEqual([]);
    });
  });

  it('asks sharp for nothing but its own order', () => {
    check((plan) => {
      for (const { steps } of plan.stages) {
        let reached = -1;
        for (const { filter } of steps) {
          const place = findFilter(filter)?.order.find((candidate) => candidate > reached);
          expect(place).toBeDefined();
          reached = place ?? reached;
        }
      }
    });
  });

  it('works through a common filter once, and decodes an AVIF once', () => {
    const isHeavy = ({ filter }: Step): boolean => (findFilter(filter)?.order[0] ?? 0) >= placeOf('resize');
    check((plan, traits, recipe) => {
      const common = runInOrder(recipe.steps, decodedState(traits)).ran;
      const files = plan.stages.filter(({ target }) => target.kind === 'output');
      const stageOfStep = files.map((file) => pathTo(plan, file).flatMap(({ id, steps }) => steps.map(() => id)));
      for (const [index, step] of common.entries()) {
        if (isHeavy(step)) expect(new Set(stageOfStep.map((stages) => stages[index])).size).toBe(1);
      }
      const readers = plan.stages.filter(({ input }) => input === 'upload');
      if (traits.format === 'avif') expect(readers).toHaveLength(1);
    });
  });
});
