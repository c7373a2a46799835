import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRecipe } from '../../../core/recipe/choose-recipe.ts';
import type { Rules } from '../../../core/recipe/rules.ts';

const rules: Rules = {
  default: 'web',
  prefixes: [
    { prefix: 'a/', recipe: 'short' },
    { prefix: 'a/b/', recipe: 'long' },
    { prefix: 'a/bc', recipe: 'other' },
  ],
};

describe('chooseRecipe', () => {
  it.each([
    ['x.jpg', {}, 'web', 'the default recipe'],
    ['a/x.jpg', {}, 'short', 'prefix rule a/'],
    ['a/b/x.jpg', {}, 'long', 'prefix rule a/b/'],
    ['a/bcd.jpg', {}, 'other', 'prefix rule a/bc'],
    ['A/x.jpg', {}, 'web', 'the default recipe'],
    ['b/a/x.jpg', {}, 'web', 'the default recipe'],
    ['a/b/x.jpg', { 'kadam-recipe': 'mine', other: 'x' }, 'mine', "asked for by the upload's metadata"],
    ['x.jpg', { 'kadam-recipe': '' }, '', "asked for by the upload's metadata"],
  ])('%s with %j takes %s: %s', (key, metadata, name, because) => {
    expect(chooseRecipe(rules, key, metadata)).toEqual({ name, because });
  });

  it('takes the longest prefix, whatever the order of the rules', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(rules.prefixes, { minLength: 3 }),
        fc.constantFrom('a/', 'a/b/c', 'a/bcd', 'z'),
        (prefixes, key) => {
          expect(chooseRecipe({ ...rules, prefixes }, key, {})).toEqual(chooseRecipe(rules, key, {}));
        },
      ),
    );
  });
});
