import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { filters } from '../../../core/filters/registry.ts';
import { formats } from '../../../core/formats/registry.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import { parseRules } from '../../../core/recipe/rules.ts';

let text: string;
beforeAll(async () => {
  text = await readFile('docs/recipes.md', 'utf8');
});

/** The text below a heading, up to the next one. */
const sectionOf = (name: string): string | undefined =>
  text.split(/^#+ /m).find((part) => part.startsWith(`${name}\n`));

/** The options of a schema, each with its default as it is written in YAML. */
const optionsOf = (schema: z.ZodType): [name: string, standard: string | undefined][] => {
  const object = schema instanceof z.ZodPipe ? schema.in : schema;
  if (object instanceof z.ZodPipe) return optionsOf(object);
  if (!(object instanceof z.ZodObject)) throw new Error('Expected the schema of a map of options.');
  return Object.entries(object.shape).map(([name, option]) => [
    name,
    option instanceof z.ZodDefault ? String(option.def.defaultValue) : undefined,
  ]);
};

/** A fragment (rules, steps or formats) completed to what can be judged. */
const judge = (example: string): void => {
  if (example.startsWith('default:')) {
    parseRules(example, { file: 'docs', recipes: ['web', 'thumbnail', 'denoise'] });
    return;
  }
  const minimal = 'outputs: [{ name: a, formats: [png] }]';
  const indented = example.replace(/^/gm, '    ');
  const whole = example.startsWith('formats:') ? `outputs:\n  - name: a\n${indented}` : `${example}${minimal}`;
  parseRecipe(example.includes('outputs:') ? example : whole, { file: 'docs', name: 'example' });
};

describe('docs/recipes.md', () => {
  it('shows only YAML that Kadam accepts', () => {
    const examples = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, example = '']) => example);
    expect(examples.length).toBeGreaterThan(filters.length + formats.length);
    for (const example of examples) expect(() => judge(example), example).not.toThrow();
  });

  it.each([...filters, ...formats].map((documented) => [documented.name, documented] as const))(
    'describes %s: each option and its default, and no other',
    (name, { options }) => {
      const section = sectionOf(name);
      expect(section, `a section called ${name}`).toBeDefined();
      expect(section).toContain('```yaml');
      const rows = [...(section ?? '').matchAll(/^\| `(\w+)` \|[^|]*\| ([^|]*)\|/gm)].map(([, option, standard]) => [
        option,
        standard?.trim(),
      ]);
      const expected = optionsOf(options);
      expect(rows.map(([option]) => option)).toEqual(expected.map(([option]) => option));
      for (const [index, [, standard]] of expected.entries()) {
        if (standard !== undefined) expect(rows[index]?.[1]).toBe(`\`${standard}\``);
      }
    },
  );
});
