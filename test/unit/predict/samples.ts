import fc from 'fast-check';
import { type InputFormat, inputFormats, type Traits } from '../../../core/image/traits.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';

/** Traits of an ordinary photograph of this size, with whatever differs. */
export const photograph = (width: number, height: number, differs: Partial<Traits> = {}): Traits => ({
  format: 'jpeg',
  width,
  height,
  frames: { count: 1, known: 'exact' },
  channels: 3,
  bitDepth: 8,
  hasAlpha: false,
  hasProfile: false,
  orientation: 1,
  isInterlaced: false,
  isProgressive: false,
  isCmyk: false,
  isTiled: false,
  hasEqualFrames: true,
  fileBytes: Math.round(width * height * 0.35),
  ...differs,
});

/** A recipe from its YAML text. */
export const recipeOf = (text: string): Recipe =>
  parseRecipe(text, { file: 'sample.yml', name: 'sample', containerFilters: [] }).recipe;

/** Traits of any kind that a probe can answer. */
export const anyTraits = fc
  .record({
    format: fc.constantFrom<InputFormat>(...inputFormats),
    width: fc.integer({ min: 64, max: 12_000 }),
    height: fc.integer({ min: 64, max: 12_000 }),
    orientation: fc.integer({ min: 1, max: 8 }),
    channels: fc.integer({ min: 1, max: 4 }),
    bitDepth: fc.constantFrom(8, 16),
    flags: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    frames: fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      known: fc.constantFrom('exact' as const, 'atLeast' as const),
    }),
  })
  .map(
    ({ flags: [hasProfile = false, isInterlaced = false, isProgressive = false, isCmyk = false], ...traits }): Traits =>
      photograph(traits.width, traits.height, {
        ...traits,
        hasAlpha: traits.channels % 2 === 0,
        hasProfile,
        isInterlaced,
        isProgressive,
        isCmyk,
      }),
  );

/** Steps that apply to every picture of at least 64 x 64 pixels, in any order. */
const anyStep = fc.oneof(
  fc.constantFrom('autoOrient', 'sharpen', 'median', 'flatten'),
  fc.record({ blur: fc.record({ sigma: fc.integer({ min: 1, max: 50 }) }) }),
  fc.record({ median: fc.record({ size: fc.integer({ min: 1, max: 60 }) }) }),
  fc.constant({ crop: { left: 0, top: 0, width: 64, height: 64 } }),
  fc.record({
    resize: fc.record({
      width: fc.integer({ min: 64, max: 2000 }),
      height: fc.integer({ min: 64, max: 2000 }),
      fit: fc.constantFrom('cover', 'contain', 'fill'),
      withoutEnlargement: fc.boolean(),
    }),
  }),
);

/**
 * Recipes of one to four outputs, of all frames and of the first, with metadata and without, with steps in orders that
 * sharp has and in orders that it does not have.
 */
export const anyRecipe = fc
  .record({
    steps: fc.array(anyStep, { maxLength: 4 }),
    outputs: fc.array(
      fc.record({
        steps: fc.array(anyStep, { maxLength: 4 }),
        formats: fc.subarray([...inputFormats], { minLength: 1 }),
        frames: fc.constantFrom('all', 'first'),
        metadata: fc.constantFrom('strip', 'keep'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ steps, outputs }) =>
    recipeOf(JSON.stringify({ steps, outputs: outputs.map((output, index) => ({ name: `out-${index}`, ...output })) })),
  );
