import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../core/errors.ts';
import { filters } from '../../../core/filters/registry.ts';
import { formats } from '../../../core/formats/registry.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';

const parse = (text: string, name = 'sample') => parseRecipe(text, { file: 'sample.yml', name, containerFilters: [] });

/** The lines of the error that a text is refused with, the file's name before each left out. */
const faultsOf = (text: string): string[] => {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.code).toBe('InvalidRecipe');
    const [head, ...lines] = error.message.split('\n');
    expect(head).toMatch(/^Expected a valid recipe in sample\.yml but received \d+ faults?; correct/);
    return lines.map((line) => line.replace(/^ {2}sample\.yml: /, ''));
  }
  return [];
};

const minimal = 'outputs: [{ name: small, formats: [webp] }]';

describe('parseRecipe', () => {
  it('fills in every default, so that a changed default changes the hash', () => {
    const { recipe, hash } = parse(minimal);
    expect(recipe).toEqual({
      name: 'sample',
      description: '',
      steps: [],
      outputs: [
        {
          name: 'small',
          steps: [],
          formats: [
            {
              format: 'webp',
              options: {
                quality: 80,
                alphaQuality: 100,
                lossless: false,
                nearLossless: false,
                smartSubsample: false,
                effort: 4,
              },
            },
          ],
          frames: 'all',
          metadata: 'strip',
        },
      ],
      cacheControl: 'no-cache',
    });
    expect(recipe.runOn).toBeUndefined();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(parse('outputs: [{ name: small, formats: [webp: { quality: 80 }] }]').hash).toBe(hash);
    expect(parse('outputs: [{ name: small, formats: [webp: { quality: 81 }] }]').hash).not.toBe(hash);
    expect(parse(minimal, 'other').hash).not.toBe(hash);
  });

  it('takes steps and formats as names, as maps with options, and as maps without', () => {
    const { recipe } = parse(
      'steps: [autoOrient, sharpen: , median: { size: 5 }]\noutputs: [{ name: a, formats: [png] }]',
    );
    expect(recipe.steps.map(({ filter, options }) => [filter, options.size ?? options.sigma])).toEqual([
      ['autoOrient', undefined],
      ['sharpen', 1],
      ['median', 5],
    ]);
  });

  it('hashes the meaning, not the order of the keys', () => {
    const sample = {
      description: 'text',
      cacheControl: 'no-store',
      steps: [{ resize: { width: 10, height: 20, fit: 'inside' } }],
      outputs: [{ name: 'a', steps: ['sharpen'], formats: [{ jpeg: { quality: 70, mozjpeg: true } }, 'png'] }],
    };
    const shuffled = (value: unknown, order: readonly number[]): unknown => {
      if (Array.isArray(value)) return value.map((entry) => shuffled(entry, order));
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).map(([key, entry], index) => ({ key, entry, rank: order[index] ?? 0 }));
      entries.sort((a, b) => a.rank - b.rank);
      return Object.fromEntries(entries.map(({ key, entry }) => [key, shuffled(entry, order)]));
    };
    const { hash } = parse(JSON.stringify(sample));
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 4, maxLength: 4 }), (order) => {
        expect(parse(JSON.stringify(shuffled(sample, order))).hash).toBe(hash);
      }),
    );
    const reordered = {
      ...sample,
      outputs: [{ ...sample.outputs[0], formats: ['png', { jpeg: { quality: 70, mozjpeg: true } }] }],
    };
    expect(parse(JSON.stringify(reordered)).hash).not.toBe(hash);
  });

  it('names all faults of a file at once', () => {
    const text = `
descripton: mine
steps: [sharpn, { resize: { widht: 3 } }, { median: { size: many } }, 5, { blur: 3 }, { flatten: { background: pink } }]
outputs:
  - name: Big One
    steps: [{ a: 1, b: 2 }, { resize: { width: 5, fit: insid } }]
    formats: [{ avif: { quality: 200, effort: 1.5 } }, jpg, { png: { colors: 3 } }, jpeg]
  - name: Big One
    formats: [jpeg]
  - formats: []
cacheControl: "a\\nb"
`;
    const namesOf = (known: readonly { name: string }[]) => known.map(({ name }) => `'${name}'`).join(', ');
    expect(faultsOf(text)).toEqual([
      `steps[0]: expected a filter (${namesOf(filters)}), got "sharpn" (did you mean 'sharpen'?)`,
      expect.stringMatching(
        /^steps\[1\]\.resize: expected only the keys 'width', .*, got "widht" \(did you mean 'width'\?\)$/,
      ),
      'steps[1].resize: expected width, height or both, got neither',
      'steps[2].median.size: expected a number, got "many"',
      "steps[3]: expected a filter's name, or a map of one name to its options, got 5",
      'steps[4].blur: expected a map, got 3',
      expect.stringMatching(/^steps\[5\]\.flatten\.background: expected .*, got "pink"$/),
      'outputs[0].name: expected 1 to 64 lower-case letters, digits and hyphens, the first no hyphen, got "Big One"',
      `outputs[0].steps[0]: expected a filter's name, or a map of one name to its options, got {"a":1,"b":2}`,
      expect.stringMatching(
        /^outputs\[0\]\.steps\[1\]\.resize\.fit: expected one of .*, got "insid" \(did you mean 'inside'\?\)$/,
      ),
      'outputs[0].formats[0].avif.quality: expected at most 100, got 200',
      'outputs[0].formats[0].avif.effort: expected a whole number, got 1.5',
      `outputs[0].formats[1]: expected a format (${namesOf(formats)}), got "jpg" (did you mean 'jpeg'?)`,
      expect.stringMatching(
        /^outputs\[0\]\.formats\[2\]\.png: expected only the keys .*, got "colors" \(did you mean 'colours'\?\)$/,
      ),
      'outputs[1].name: expected 1 to 64 lower-case letters, digits and hyphens, the first no hyphen, got "Big One"',
      'outputs[2].name: expected text, got nothing',
      'outputs[2].formats: expected at least 1 entry, got 0',
      'outputs: expected each file once, got Big One.jpg again',
      `cacheControl: expected a Cache-Control header in plain ASCII, got "a\\nb"`,
      `the file: expected only the keys 'description', 'steps', 'outputs', 'cacheControl', 'runOn', got "descripton" (did you mean 'description'?)`,
    ]);
  });

  it.each([
    ['an empty file', '', 'the file: expected a map, got null'],
    ['a list', '[]', 'the file: expected a map, got []'],
    ['no outputs', 'steps: [sharpen]', 'outputs: expected a list, got nothing'],
    ['a syntax error', 'outputs:\n  - name: [', 'line 2, column 12: expected valid YAML, got this: '],
    ['a repeated key', `${minimal}\noutputs: []`, "line 2, column 1: expected each key once, got 'outputs' again"],
    ['a tag', `steps: !!js/function x\n${minimal}`, 'line 1, column 8: expected valid YAML, got this: Unresolved tag'],
    [
      'an alias',
      'steps: &s [sharpen]\noutputs: [{ name: a, steps: *s, formats: [png] }]',
      'line 2, column 29: expected the value itself, got the alias *s',
    ],
    ['several documents', `${minimal}\n---\n${minimal}`, 'line 2, column 1: expected valid YAML, got this: '],
    ['a key of the prototype', `${minimal}\n__proto__: { a: 1 }`, 'the file: expected only the keys '],
    ['a filter of the prototype', `steps: [constructor]\n${minimal}`, 'steps[0]: expected a filter ('],
    ['not a number', `steps: [blur: { sigma: .nan }]\n${minimal}`, 'steps[0].blur.sigma: expected a number, got NaN'],
    ['too many steps', `steps: [${'sharpen,'.repeat(17)}]\n${minimal}`, 'steps: expected at most 16 entries, got 17'],
    [
      'options that contradict',
      `steps: [resize: {}]\n${minimal}`,
      'steps[0].resize: expected width, height or both, got neither',
    ],
    ['a file over the limit', `# ${'x'.repeat(33_000)}`, 'expected at most 32768 bytes, got 33002'],
  ])('refuses %s', (_, text, fault) => {
    expect(faultsOf(text).join('\n')).toContain(fault);
  });

  it.each(['- '.repeat(15_000), '['.repeat(30_000), '{a: '.repeat(8_000), '? '.repeat(15_000)])(
    'refuses deep nesting without recursing into it: %#',
    (text) => {
      expect(faultsOf(text)).toEqual([expect.stringMatching(/^expected at most 16 levels, got \d+$/)]);
    },
  );

  it('keeps to YAML 1.2 whatever version a file claims', () => {
    expect(faultsOf(`%YAML 1.1\n---\nsteps: [resize: { width: 3, withoutEnlargement: yes }]\n${minimal}`)).toEqual([
      'steps[0].resize.withoutEnlargement: expected true or false, got "yes"',
    ]);
  });

  it('keeps its message short, whatever a stranger wrote', () => {
    const faults = faultsOf(`steps: ["${'x'.repeat(5000)}"]\noutputs: [${'1, '.repeat(200)}]`);
    expect(faults.length).toBeLessThanOrEqual(21);
    expect(faults.join('\n').length).toBeLessThan(5000);
  });

  it.each(['', 'Web', '-web', 'a'.repeat(65), 'unknown-recipe', 'sidecar', 'rules', 'web.yaml', 'a/b'])(
    'refuses the name %j',
    (name) => {
      expect(() => parse(minimal, name)).toThrow(/the file's name: expected 1 to 64 lower-case letters/);
    },
  );

  it('takes any text for YAML that is at fault, never for an error of another kind', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => void faultsOf(text)));
  });

  it('allows one name twice where the files differ', () => {
    expect(faultsOf('outputs: [{ name: a, formats: [png] }, { name: a, steps: [flatten], formats: [jpeg] }]')).toEqual(
      [],
    );
    expect(faultsOf('outputs: [{ name: a, formats: [png] }, { name: a, formats: [png] }]')).toEqual([
      'outputs: expected each file once, got a.png again',
    ]);
  });
});
