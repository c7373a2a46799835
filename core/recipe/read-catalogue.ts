import { readdir, readFile } from 'node:fs/promises';
import { ConfigurationError } from '../errors.ts';
import type { Catalogue } from './catalogue.ts';
import { parseRecipe } from './parse-recipe.ts';
import { parseRules } from './rules.ts';

const extension = '.yml';
const rulesFile = `rules${extension}`;

/** The results of every task, or one ConfigurationError with the messages of all that threw one. */
const collect = <Result>(tasks: readonly (() => Result)[]): Result[] => {
  const results: Result[] = [];
  const errors: ConfigurationError[] = [];
  for (const task of tasks) {
    try {
      results.push(task());
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (first === undefined) return results;
  throw new ConfigurationError(errors.map(({ message }) => message).join('\n'), { code: first.code, cause: first });
};

/**
 * Reads a folder of recipes: every `*.yml` is a recipe but rules.yml, which chooses among them.
 * Throws ConfigurationError: `InvalidRecipe` with the faults of all recipes at once, `InvalidRules`, or `NoRules`
 * where rules.yml is missing.
 */
export const readCatalogue = async (dir: string): Promise<Catalogue> => {
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
        return parseRecipe(text, { file, name: name.replace(/\.yml$/, '') });
      }),
  );
  const byName = new Map(recipes.map((hashed) => [hashed.recipe.name, hashed]));
  return {
    recipes: byName,
    rules: parseRules(rulesText, { file: `${dir}/${rulesFile}`, recipes: [...byName.keys()] }),
  };
};

const wrongExtension = (file: string): ConfigurationError =>
  new ConfigurationError(`${file}: the file's name: expected it to end in .yml, got .yaml. Rename the file.`, {
    code: 'InvalidRecipe',
  });
