import { describe, expect, it } from 'vitest';
import { parseRules } from '../../../core/recipe/rules.ts';

const parse = (text: string) => parseRules(text, { file: 'rules.yml', recipes: ['web', 'thumbnail'] });

describe('parseRules', () => {
  it('reads a default and prefixes', () => {
    expect(parse('default: web')).toEqual({ default: ['web'], prefixes: [] });
    expect(parse('default: web\nprefixes: [{ prefix: t/, recipe: thumbnail }]')).toEqual({
      default: ['web'],
      prefixes: [{ prefix: 't/', recipes: ['thumbnail'] }],
    });
    expect(parse('default: [web, thumbnail, web]\nprefixes: [{ prefix: t/, recipe: [thumbnail] }]')).toEqual({
      default: ['web', 'thumbnail'],
      prefixes: [{ prefix: 't/', recipes: ['thumbnail'] }],
    });
  });

  it.each([
    ['a list of nothing', 'default: []', 'default: expected at least 1 entry, got 0'],
    ['an unknown recipe in a list', 'default: [web, b]', 'default[1]: expected a recipe'],
    ['no default', 'prefixes: []', 'default: expected text, got nothing'],
    [
      'an unknown default',
      'default: wbe',
      `default: expected a recipe ('web', 'thumbnail'), got "wbe" (did you mean 'web'?)`,
    ],
    [
      'an unknown recipe',
      'default: web\nprefixes: [{ prefix: a/, recipe: b }]',
      `prefixes[0].recipe: expected a recipe`,
    ],
    [
      'an empty prefix',
      'default: web\nprefixes: [{ prefix: "", recipe: web }]',
      'prefixes[0].prefix: expected at least 1 character, got 0',
    ],
    [
      'a prefix given twice',
      'default: web\nprefixes: [{ prefix: a, recipe: web }, { prefix: a, recipe: thumbnail }]',
      'prefixes[1].prefix: expected each prefix once, got "a" again',
    ],
    [
      'an unknown key',
      'default: web\nprefix: []',
      `the file: expected only the keys 'default', 'prefixes', got "prefix" (did you mean 'prefixes'?)`,
    ],
    [
      'an unknown key of a prefix',
      'default: web\nprefixes: [{ prefix: a, recipe: web, fit: x }]',
      `prefixes[0]: expected only the keys 'prefix', 'recipe', got "fit"`,
    ],
  ])('refuses %s', (_, text, fault) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'InvalidRules', message: expect.stringContaining(`rules.yml: ${fault}`) }),
    );
  });
});
