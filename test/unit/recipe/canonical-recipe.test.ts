import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, InternalError } from '../../../core/errors.ts';
import { canonicalJson, hashRecipe, restoreRecipe } from '../../../core/recipe/canonical-recipe.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';

const sample = parseRecipe(
  'steps: [autoOrient, resize: { width: 9, fit: inside }]\noutputs: [{ name: a, formats: [png, jpeg: { mozjpeg: true }] }]',
  { file: 'sample.yml', name: 'sample', containerFilters: [] },
);

describe('canonicalJson', () => {
  it('sorts the keys of every object and leaves undefined out', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x', z: undefined })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
  });

  it('says what JSON says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n])('refuses %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow(InternalError);
  });
});

describe('restoreRecipe', () => {
  it('gives back what was hashed', () => {
    const text = canonicalJson(sample.recipe);
    expect(restoreRecipe(text, sample.hash)).toEqual(sample);
    expect(hashRecipe(restoreRecipe(text, sample.hash).recipe)).toEqual(sample);
  });

  it('refuses a text of another hash, and a text that is no recipe', () => {
    const text = canonicalJson(sample.recipe);
    expect(() => restoreRecipe(text.replace('"width":9', '"width":8'), sample.hash)).toThrow(ConfigurationError);
    const other = hashRecipe({ ...sample.recipe, ...{ extra: true } });
    expect(() => restoreRecipe(canonicalJson(other.recipe), other.hash)).toThrow(/Expected the canonical recipe/);
    // The SHA-256 of no bytes at all: the hash holds, and it is no JSON.
    const ofNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(() => restoreRecipe('', ofNothing)).toThrow(ConfigurationError);
  });
});
