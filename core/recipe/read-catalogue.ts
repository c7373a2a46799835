import { readdir, readFile } from 'node:fs/promises';
import { collect } from '../collect.ts';
import { ConfigurationError } from '../errors.ts';
import type { ContainerFilter } from '../filters/container-filter.ts';
import type { Catalogue } from './catalogue.ts';
import { parseRecipe } from './parse-recipe.ts';
import { parseRules } from './rules.ts';

const extension = '.yml';
const rulesFile = `rules${extension}`;

/**
 * Reads a folder of recipes: every `*.yml` is a recipe but rules.yml, which chooses among them. Their steps may name the
 * filters of `containerFilters` beside Kadam's own.
 * Throws ConfigurationError: `InvalidRecipe` with the faults of all recipes at once, `InvalidRules`, or `NoRules`
 * where rules.yml is missing.
 */
export const readCatalogue = async (dir: string, containerFilters: readonly ContainerFilter[]): Promise<Catalogue> => {
  const files = (await readdir(dir)).filter((file) => /\.ya?ml$/.test(file)).sort();
  const texts = await Promise.all(
    files.map(async (file) => ({ file: `${dir}/${file}`, name: file, text: await readFile(`${dir}/${file}`, 'utf8') })),
  );
  const rulesText = texts.find(({ name }) => name === rulesFile)?.text;
  if (rulesText === undefined) {
    throw new ConfigurationError(
      `Expected the rules in ${dir}/${rulesFile} but found no such file. Write one with at least 'default: <recipe>'.`,
      { code: 'NoRules' },
    );
  }
  const recipes = collect(
    texts
      .filter(({ name }) => name !== rulesFile)
      // Passing over a file.yaml would be the worse surprise.
      .map(({ file, name, text }) => () => {
        if (name.endsWith('.yaml')) throw wrongExtension(file);
        return parseRecipe(text, { file, name: name.replace(/\.yml$/, ''), containerFilters });
      }),
  );
  const byName = new Map(recipes.map((hashed) => [hashed.recipe.name, hashed]));
  return {
    recipes: byName,
    containerFilters,
    rules: parseRules(rulesText, { file: `${dir}/${rulesFile}`, recipes: [...byName.keys()] }),
  };
};

const wrongExtension = (file: string): ConfigurationError =>
  new ConfigurationError(`${file}: the file's name: expected it to end in .yml, got .yaml. Rename the file.`, {
    code: 'InvalidRecipe',
  });
