import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRecipes, recipeNames } from '../../../core/recipe/choose-recipes.ts';
import type { Rules } from '../../../core/recipe/rules.ts';

const rules: Rules = {
  default: ['web'],
  prefixes: [
    { prefix: 'a/', recipes: ['short'] },
    { prefix: 'a/b/', recipes: ['long', 'second'] },
    { prefix: 'a/bc', recipes: ['other'] },
  ],
};

describe('chooseRecipes', () => {
  it.each([
    ['x.jpg', {}, ['web'], 'the default recipe'],
    ['a/x.jpg', {}, ['short'], 'prefix rule a/'],
    ['a/b/x.jpg', {}, ['long', 'second'], 'prefix rule a/b/'],
    ['a/bcd.jpg', {}, ['other'], 'prefix rule a/bc'],
    ['A/x.jpg', {}, ['web'], 'the default recipe'],
    ['b/a/x.jpg', {}, ['web'], 'the default recipe'],
    ['a/b/x.jpg', { 'kadam-recipe': 'mine', other: 'x' }, ['mine'], "asked for by the upload's metadata"],
    ['x.jpg', { 'kadam-recipe': '' }, [''], "asked for by the upload's metadata"],
  ])('%s with %j takes %s: %s', (key, metadata, names, because) => {
    expect(chooseRecipes(rules, key, metadata)).toEqual({ names, because });
  });

  it('takes the longest prefix, whatever the order of the rules', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(rules.prefixes, { minLength: 3 }),
        fc.constantFrom('a/', 'a/b/c', 'a/bcd', 'z'),
        (prefixes, key) => {
          expect(chooseRecipes({ ...rules, prefixes }, key, {})).toEqual(chooseRecipes(rules, key, {}));
        },
      ),
    );
  });

  it('says of several default recipes that each is one of them', () => {
    expect(chooseRecipes({ default: ['a', 'b'], prefixes: [] }, 'x', {})).toEqual({
      names: ['a', 'b'],
      because: 'one of the default recipes',
    });
  });
});

describe('recipeNames', () => {
  it.each([
    ['web', ['web']],
    ['web,archive', ['web', 'archive']],
    [' web , archive ,web', ['web', 'archive']],
    ['web archive  web', ['web', 'archive']],
    ['web,,archive', ['web', '', 'archive']],
    ['', ['']],
    ['a,b,c,d,e,f,g,h', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']],
    ['a,b,c,d,e,f,g,h,i', ['a,b,c,d,e,f,g,h,i']],
  ])('%j is %j', (asked, names) => {
    expect(recipeNames(asked)).toEqual(names);
  });
});
