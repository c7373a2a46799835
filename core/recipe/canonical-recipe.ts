import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ConfigurationError, InternalError } from '../errors.ts';
import { inputFormats } from '../image/traits.ts';
import { parseJson } from '../parse-json.ts';
import type { HashedRecipe, Recipe } from './recipe.ts';

/** The JSON text of a plain value with the keys of every object sorted: equal values give equal bytes. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  const isPlain = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  if (!isPlain) {
    throw new InternalError(
      `Expected plain values in a recipe's options but received ${String(value)}. Report this: a filter's or a ` +
        "format's schema lets through what JSON cannot hold.",
      { code: 'NotPlain' },
    );
  }
  return JSON.stringify(value);
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The recipe with the SHA-256 of its canonical JSON, in hex. */
export const hashRecipe = (recipe: Recipe): HashedRecipe => ({ recipe, hash: sha256(canonicalJson(recipe)) });

const step = z.strictObject({ filter: z.string(), options: z.record(z.string(), z.unknown()) });
const encoding = z.strictObject({ format: z.enum(inputFormats), options: z.record(z.string(), z.unknown()) });
const canonicalRecipe: z.ZodType<Recipe> = z.strictObject({
  name: z.string(),
  description: z.string(),
  steps: z.array(step),
  outputs: z.array(
    z.strictObject({
      name: z.string(),
      steps: z.array(step),
      formats: z.array(encoding),
      frames: z.enum(['all', 'first']),
      metadata: z.enum(['strip', 'keep']),
    }),
  ),
  cacheControl: z.string(),
  runOn: z.enum(['lambda', 'batch']).optional(),
});

/**
 * The recipe behind a stored canonical JSON text. Its defaults are those of the day it was stored: nothing is filled
 * in again. Throws ConfigurationError (`InvalidStoredRecipe`) where the text does not have this hash or this shape.
 */
export const restoreRecipe = (text: string, hash: string): HashedRecipe => {
  const recipe = sha256(text) === hash ? canonicalRecipe.safeParse(parseJson(text)) : undefined;
  if (!recipe?.success) {
    throw new ConfigurationError(
      `Expected the canonical recipe ${hash} but the stored text is another (SHA-256 ${sha256(text)}). ` +
        'Upload the picture again: this stores the recipe anew.',
      { code: 'InvalidStoredRecipe' },
    );
  }
  return { recipe: recipe.data, hash };
};
