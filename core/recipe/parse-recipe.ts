import type { ContainerFilter } from '../filters/container-filter.ts';
import { hashRecipe } from './canonical-recipe.ts';
import { fileError, parseYamlFile } from './parse-yaml-file.ts';
import type { HashedRecipe } from './recipe.ts';
import { isRecipeName, namePattern } from './recipe-name.ts';
import { recipeSchema } from './recipe-schema.ts';

export type RecipeFile = {
  /** What errors call the file. */
  file: string;
  /** The file's name without its extension. */
  name: string;
  /** The filters of containers that its steps may name, beside Kadam's own. */
  containerFilters: readonly ContainerFilter[];
};

/**
 * A recipe from its YAML text, in canonical form (every default filled in) and hashed.
 * Throws ConfigurationError (`InvalidRecipe`) with every fault of the file, each `file: path: expected X, got Y`.
 */
export const parseRecipe = (text: string, { file, name, containerFilters }: RecipeFile): HashedRecipe => {
  const kind = { kind: 'recipe', code: 'InvalidRecipe', file };
  if (!isRecipeName(name)) {
    throw fileError(kind.kind, kind.code, file, [
      `the file's name: expected ${namePattern} (and none of the reserved words 'unknown-recipe', 'sidecar', 'rules'), ` +
        `got ${JSON.stringify(name.slice(0, 100))}`,
    ]);
  }
  return hashRecipe({ name, ...parseYamlFile(text, recipeSchema(containerFilters), kind) });
};
