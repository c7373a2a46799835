import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readContainerFilters } from '../../../core/filters/read-container-filters.ts';
import { readCatalogue } from '../../../core/recipe/read-catalogue.ts';

const recipe = 'outputs: [{ name: a, formats: [png] }]';
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kadam-catalogue-'));
});
afterEach(() => rm(dir, { recursive: true }));

const write = (files: Record<string, string>) =>
  Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(dir, name), text)));

describe('readCatalogue', () => {
  it('reads every recipe of a folder, and the rules', async () => {
    await write({ 'one.yml': recipe, 'two.yml': recipe, 'rules.yml': 'default: two', 'notes.txt': 'not a recipe' });
    const { recipes, rules } = await readCatalogue(dir, []);
    expect([...recipes.keys()]).toEqual(['one', 'two']);
    expect(recipes.get('one')?.recipe.name).toBe('one');
    expect(recipes.get('one')?.hash).not.toBe(recipes.get('two')?.hash);
    expect(rules.default).toEqual(['two']);
  });

  it('names the faults of all recipes at once', async () => {
    await write({ 'one.yml': 'outputs: 1', 'two.yml': recipe, 'three.yml': 'a: 1', 'rules.yml': 'default: two' });
    const error = await readCatalogue(dir, []).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'InvalidRecipe' });
    expect(String(error)).toContain(`${dir}/one.yml: outputs: expected a list, got 1`);
    expect(String(error)).toContain(`${dir}/three.yml: outputs: expected a list, got nothing`);
  });

  it('refuses a file that would be overlooked, and rules that are missing or name no recipe', async () => {
    await write({ 'one.yml': recipe });
    await expect(readCatalogue(dir, [])).rejects.toMatchObject({ code: 'NoRules' });
    await write({ 'rules.yml': 'default: two' });
    await expect(readCatalogue(dir, [])).rejects.toMatchObject({ code: 'InvalidRules' });
    await write({ 'two.yaml': recipe });
    await expect(readCatalogue(dir, [])).rejects.toThrow(
      /two\.yaml: the file's name: expected it to end in \.yml, got \.yaml/,
    );
  });

  it("reads Kadam's own", async () => {
    const { recipes, rules } = await readCatalogue('recipes', await readContainerFilters('.'));
    expect([...recipes.keys()]).toEqual(expect.arrayContaining(['archive', 'denoise', 'print', 'thumbnail', 'web']));
    expect(rules.default).toEqual(['web']);
    expect([...recipes.values()].every((hashed) => hashed.recipe.description !== '')).toBe(true);
  });
});
