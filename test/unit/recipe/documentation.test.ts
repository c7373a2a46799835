import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { optionRows } from '../../../cli/option-table.ts';
import { withReference } from '../../../cli/recipe-reference.ts';
import { asFilter, type ContainerFilter } from '../../../core/filters/container-filter.ts';
import { readContainerFilters } from '../../../core/filters/read-container-filters.ts';
import { filters } from '../../../core/filters/registry.ts';
import { formats } from '../../../core/formats/registry.ts';
import type { ImageState } from '../../../core/image/image-state.ts';
import { parseRecipe } from '../../../core/recipe/parse-recipe.ts';
import { parseRules } from '../../../core/recipe/rules.ts';
import { filterCases, formatCases } from '../../golden/cases.ts';

let text: string;
let containerFilters: ContainerFilter[];
beforeAll(async () => {
  text = await readFile('docs/recipes.md', 'utf8');
  containerFilters = await readContainerFilters('.');
});

/** The text below a heading, up to the next one. */
const sectionOf = (name: string): string | undefined =>
  text.split(/^#+ /m).find((part) => part.startsWith(`${name}\n`));

/** A fragment (rules, steps or formats) completed to what can be judged. */
const judge = (example: string): void => {
  if (example.startsWith('default:')) {
    parseRules(example, { file: 'docs', recipes: ['web', 'thumbnail', 'denoise', 'archive', 'print'] });
    return;
  }
  const minimal = 'outputs: [{ name: a, formats: [png] }]';
  const indented = example.replace(/^/gm, '    ');
  const whole = example.startsWith('formats:') ? `outputs:\n  - name: a\n${indented}` : `${example}${minimal}`;
  parseRecipe(example.includes('outputs:') ? example : whole, {
    file: 'docs',
    name: 'example',
    containerFilters,
  });
};

describe('docs/recipes.md', () => {
  it('has the reference that the filters and formats make of themselves', () => {
    expect(withReference(text, containerFilters) === text, 'docs/recipes.md is stale: run npm run docs').toBe(true);
  });

  it('shows only YAML that Kadam accepts', () => {
    const examples = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, example = '']) => example);
    expect(examples.length).toBeGreaterThan(filters.length + formats.length);
    for (const example of examples) expect(() => judge(example), example).not.toThrow();
  });

  it('names every preset, and none that is not there', () => {
    const named = [...(sectionOf('The presets') ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
    const files = globSync('recipes/*.yml').map((path) => path.replace(/^recipes.(.*)\.yml$/, '$1'));
    // A recipe that somebody adds for themselves need not be in the documentation.
    expect(files).toEqual(expect.arrayContaining(named));
    expect(named.length).toBeGreaterThanOrEqual(5);
  });

  it.each([...filters, ...formats].map((documented) => [documented.name, documented] as const))(
    'describes %s: in a line, with an example, each option with its values and its meaning',
    (name, { summary, example, options }) => {
      const section = sectionOf(name) ?? '';
      expect(section).toContain(summary);
      expect(section).toContain('```yaml');
      expect(options.safeParse(example).success).toBe(true);
      for (const { name: option, values, standard, meaning } of optionRows(options)) {
        expect(section).toContain(`| \`${option}\` | ${values} | ${standard} | ${meaning} |`);
        expect(values, option).not.toBe('');
        expect(meaning, option).not.toBe('');
      }
    },
  );

  it('describes the filters of containers, and where they run', () => {
    for (const described of containerFilters) {
      const { name, summary, options } = asFilter(described);
      const section = sectionOf(name) ?? '';
      expect(section).toContain(summary);
      expect(section).toContain(`Runs in the container \`${described.container}\`, on Batch only.`);
      for (const row of optionRows(options)) {
        expect(section).toContain(`| \`${row.name}\` | ${row.values} | ${row.standard} | ${row.meaning} |`);
      }
    }
    expect(containerFilters).not.toEqual([]);
  });

  it('keeps what people wrote around the reference, and misses no marker', () => {
    expect(withReference(text.replace('# Recipes', '# Other words'), containerFilters)).toContain('# Other words');
    expect(() => withReference(text.replace('<!-- end of formats -->', ''), containerFilters)).toThrow(/markers/);
  });
});

const megapixel: ImageState = {
  width: 1000,
  height: 1000,
  pages: 1,
  channels: 4,
  bitDepth: 8,
  hasAlpha: true,
  orientation: 6,
};

/** The names in the titles of the tests in these files. */
const tested = async (pattern: string): Promise<string> =>
  (await Promise.all(globSync(pattern).map((path) => readFile(path, 'utf8')))).join('\n');

describe.each(filters)('the filter $name', (filter) => {
  it('has a cost, unless it is one that only reads less', () => {
    const { serialSeconds, parallelSeconds } = filter.cost(megapixel, filter.options.parse(filter.example));
    expect(serialSeconds + parallelSeconds > 0).toBe(filter.name !== 'crop');
  });

  it('has goldens and tests of its pixels', async () => {
    expect(filterCases[filter.name]?.length).toBeGreaterThan(0);
    expect(await tested('test/unit/filters/*.test.ts')).toMatch(new RegExp(`describe\\('[^']*\\b${filter.name}\\b`));
  });
});

describe.each(formats)('the format $name', (format) => {
  it('has costs, goldens and tests', async () => {
    const { serialSeconds, parallelSeconds } = format.encodeCost(megapixel, format.options.parse(format.example));
    expect(serialSeconds + parallelSeconds).toBeGreaterThan(0);
    expect(formatCases[format.name]?.length).toBeGreaterThan(0);
    expect(await tested('test/unit/formats/*.test.ts')).toMatch(new RegExp(`'${format.name}'`));
  });
});
