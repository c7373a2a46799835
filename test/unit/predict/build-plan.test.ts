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
const planOf = (text: string, traits: Traits) => buildPlan(recipeOf(text), traits, { threads, containerFilters: [] });

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

  it('encodes each format from the upload where an output has no steps, and copies only what is slow to decode', () => {
    const text = 'outputs: [{ name: a, formats: [png, tiff] }]';
    expect(shown(planOf(text, photograph(80, 60)))).toEqual([
      'a.png <- upload: : 80 x 60',
      'a.tif <- upload: : 80 x 60',
    ]);
    expect(shown(planOf(text, photograph(80, 60, { format: 'avif' })))).toEqual([
      'prepare-1 <- upload: : 80 x 60',
      'a.png <- prepare-1: : 80 x 60',
      'a.tif <- prepare-1: : 80 x 60',
    ]);
  });

  it('renders steps apart that would change the background of a format without transparency', () => {
    const text = (format: string) => `outputs: [{ name: a, steps: [negate], formats: [${format}] }]`;
    const transparent = photograph(80, 60, { format: 'png', channels: 4, hasAlpha: true });
    expect(shown(planOf(text('jpeg'), transparent))).toEqual(['a <- upload: negate: 80 x 60', 'a.jpg <- a: : 80 x 60']);
    expect(shown(planOf(text('tiff: { compression: jpeg }'), transparent))).toHaveLength(2);
    expect(shown(planOf(text('tiff'), transparent))).toHaveLength(1);
    expect(shown(planOf(text('jpeg'), photograph(80, 60)))).toHaveLength(1);
    expect(shown(planOf(text('jpeg').replace('negate', 'median'), transparent))).toHaveLength(1);
  });

  it('leaves no step out behind a trim, whose result may be smaller than what it began with', () => {
    const text =
      'outputs: [{ name: a, steps: [trim, resize: { width: 80, height: 60, fit: inside, withoutEnlargement: true }], formats: [png] }]';
    expect(shown(planOf(text, photograph(80, 60)))).toEqual([
      'a-1 <- upload: trim: 80 x 60',
      'a.png <- a-1: resize: 80 x 60',
    ]);
  });

  it('shares no stage between outputs that keep their metadata and ones that do not', () => {
    const text =
      'steps: [median]\noutputs: [{ name: a, formats: [png] }, { name: b, metadata: keep, formats: [png] }, { name: c, formats: [webp] }]';
    const plan = planOf(text, photograph(80, 60));
    expect(shown(plan)).toEqual([
      'prepare-1 <- upload: median: 80 x 60',
      'a.png <- prepare-1: : 80 x 60',
      'c.webp <- prepare-1: : 80 x 60',
      'b.png <- upload: median: 80 x 60',
    ]);
    expect(plan.stages.map(({ metadata }) => metadata)).toEqual(['strip', 'strip', 'strip', 'keep']);
  });
});

describe('several frames', () => {
  const animation = (format: 'gif' | 'webp', count = 12): Traits =>
    photograph(80, 60, { format, frames: { count, known: 'exact' } });
  const pages = photograph(80, 60, { format: 'tiff', frames: { count: 3, known: 'exact' } });
  const pagesOfFiles = (text: string, traits: Traits): string[] =>
    planOf(text, traits)
      .stages.filter(({ target }) => target.kind === 'output')
      .map(({ id, after }) => `${id}: ${after.pages}`);

  it.each<[string, Traits, string[]]>([
    [
      'an animated GIF',
      animation('gif'),
      ['a.gif: 12', 'a.webp: 12', 'a.tif: 12', 'a.avif: 1', 'a.jpg: 1', 'a.png: 1'],
    ],
    [
      'an animated WebP',
      animation('webp'),
      ['a.gif: 12', 'a.webp: 12', 'a.tif: 12', 'a.avif: 1', 'a.jpg: 1', 'a.png: 1'],
    ],
    ['a TIFF of several pages', pages, ['a.tif: 3', 'a.gif: 1', 'a.webp: 1', 'a.avif: 1', 'a.jpg: 1', 'a.png: 1']],
  ])('stay together where the format can hold them: %s', (_, traits, expected) => {
    const formats = '[gif, webp, tiff, avif, jpeg, png]';
    const all = pagesOfFiles(`outputs: [{ name: a, formats: ${formats} }]`, traits);
    expect([...all].sort()).toEqual([...expected].sort());
    const first = pagesOfFiles(`outputs: [{ name: a, frames: first, formats: ${formats} }]`, traits);
    expect(first.every((file) => file.endsWith(': 1'))).toBe(true);
  });

  it('are decoded and encoded in one pass where no step works on them', () => {
    expect(shown(planOf('outputs: [{ name: a, formats: [webp] }]', animation('gif')))).toEqual([
      'a.webp <- upload: : 80 x 60',
    ]);
  });

  it('are taken apart once, worked through pipeline by pipeline, and encoded together', () => {
    const text =
      'outputs: [{ name: a, steps: [sharpen, resize: { width: 40 }], formats: [webp, gif, avif] }, { name: b, formats: [webp] }]';
    const plan = planOf(text, animation('gif'));
    expect(shown(plan)).toEqual([
      'frames <- upload: : 80 x 60',
      'a-1 <- frames: sharpen: 80 x 60',
      'a <- a-1: resize: 40 x 30',
      'a.webp <- a: : 40 x 30',
      'a.gif <- a: : 40 x 30',
      'b.webp <- frames: : 80 x 60',
      'a-1-2 <- upload: sharpen: 80 x 60',
      'a.avif <- a-1-2: resize: 40 x 30',
    ]);
  });

  it('that differ are refused, unless the first is enough', () => {
    const differing = { ...pages, hasEqualFrames: false };
    expect(() => planOf('outputs: [{ name: a, formats: [jpeg, tiff] }]', differing)).toThrow(
      expect.objectContaining({
        name: 'InvalidInputError',
        code: 'FramesDiffer',
        message: expect.stringMatching(/one size and kind for tiff \(output a\).* 3 pages differ\. .*frames: first/),
      }),
    );
    expect(pagesOfFiles('outputs: [{ name: a, formats: [jpeg] }]', differing)).toEqual(['a.jpg: 1']);
    expect(pagesOfFiles('outputs: [{ name: a, frames: first, formats: [tiff] }]', differing)).toEqual(['a.tif: 1']);
    expect(pagesOfFiles('outputs: [{ name: a, formats: [tiff: { pyramid: true }] }]', differing)).toEqual(['a.tif: 1']);
  });

  it('that are more rows together than a picture can have are refused', () => {
    const traits = { ...animation('gif', 2000), width: 10, height: 60_000 };
    for (const steps of ['', 'sharpen']) {
      expect(() => planOf(`outputs: [{ name: a, steps: [${steps}], formats: [gif] }]`, traits)).toThrow(
        expect.objectContaining({ code: 'TooLarge', message: expect.stringContaining('2000 frames of 60000') }),
      );
    }
  });
});

describe('every plan', () => {
  const check = (test: (plan: Plan, traits: Traits, recipe: ReturnType<typeof recipeOf>) => void) =>
    fc.assert(
      fc.property(anyRecipe, anyTraits, (recipe, traits) =>
        test(buildPlan(recipe, traits, { threads, containerFilters: [] }), traits, recipe),
      ),
    );

  it('runs each needed step once on the way to each file, in the order of the recipe', () => {
    check((plan, traits, recipe) => {
      for (const output of recipe.outputs) {
        for (const { format } of output.formats) {
          const files = plan.stages.filter(
            ({ target }) => target.kind === 'output' && target.name === output.name && target.format === format,
          );
          expect(files).toHaveLength(1);
          for (const file of files) {
            const start = decodedState(traits, file.before.pages);
            const expected = runInOrder([...recipe.steps, ...output.steps], start);
            expect(file.metadata).toBe(output.metadata);
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
        const source = input === 'upload' ? decodedState(traits, before.pages) : made.get(input.stage);
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
        for (const { filter, before, options } of steps) {
          const place = findFilter(filter)
            ?.places(before, options)
            .find(({ from }) => from > reached);
          expect(place).toBeDefined();
          reached = place?.to ?? reached;
        }
      }
    });
  });

  it('works through a common filter once, and decodes an AVIF once, for all outputs alike', () => {
    const isHeavy = ({ filter, options }: Step, image: ImageState): boolean =>
      (findFilter(filter)?.places(image, options)[0]?.from ?? 0) >= placeOf('resize');
    check((plan, traits, recipe) => {
      const image = decodedState(traits);
      const common = runInOrder(recipe.steps, image).ran;
      const alike = Object.groupBy(
        plan.stages.filter(({ target }) => target.kind === 'output'),
        ({ before, metadata }) => `${before.pages} ${metadata}`,
      );
      for (const files of Object.values(alike)) {
        const paths = (files ?? []).map((file) => pathTo(plan, file));
        const stageOfStep = paths.map((path) => path.flatMap(({ id, steps }) => steps.map(() => id)));
        for (const [index, step] of common.entries()) {
          if (isHeavy(step, image)) expect(new Set(stageOfStep.map((stages) => stages[index])).size).toBe(1);
        }
        if (traits.format === 'avif') expect(new Set(paths.map(([first]) => first?.id)).size).toBe(1);
      }
    });
  });

  it('works on several pages one by one, between intermediates', () => {
    check((plan) => {
      for (const { before, after, steps, input, target } of plan.stages) {
        expect(after.pages).toBe(before.pages);
        if (before.pages > 1 && steps.length > 0) {
          expect(input).not.toBe('upload');
          expect(target.kind).toBe('intermediate');
        }
      }
    });
  });

  it.each(['extend: { left: 100000000 }', 'resize: { width: 2000000, height: 1, fit: fill }'])(
    'refuses a step that would make a picture longer than libvips can work with: %s',
    (step) => {
      const recipe = recipeOf(
        `outputs: [{ name: a, steps: [{ ${step} }, { crop: { width: 1, height: 1 } }], formats: [png] }]`,
      );
      expect(() => buildPlan(recipe, photograph(8, 2), { threads: 1, containerFilters: [] })).toThrow(
        expect.objectContaining({
          code: 'TooLarge',
          message: expect.stringContaining('at most 1000000 pixels a side'),
        }),
      );
    },
  );

  it('takes a deep picture with a profile to sRGB before any step, whose colours are of sRGB', () => {
    const steps = 'outputs: [{ name: a, steps: [tint: { colour: "#c04020" }], formats: [png] }]';
    const stagesOf = (differs: object) =>
      buildPlan(recipeOf(steps), photograph(80, 60, { format: 'png', ...differs }), {
        threads: 1,
        containerFilters: [],
      }).stages.map(({ id }) => id);
    expect(stagesOf({ bitDepth: 16, hasProfile: true })).toEqual(['prepare-1', 'a.png']);
    expect(stagesOf({ bitDepth: 16 })).toEqual(['a.png']);
    expect(stagesOf({ hasProfile: true })).toEqual(['a.png']);
  });
});
