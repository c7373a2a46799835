import type { Rules } from './rules.ts';

/** The key of the object metadata in which an upload names its recipes (`x-amz-meta-kadam-recipe` as a header). */
export const recipeMetadataKey = 'kadam-recipe';

/** Each recipe is a job of its own: one upload must not make hundreds. */
export const maxRecipes = 8;

/** The recipes' names (not necessarily ones that exist) and the rule that chose them, in words. */
export type RecipeChoice = { names: string[]; because: string };

/**
 * The names in a list such as `web,archive` or `web archive` (the AWS CLI's shorthand for metadata takes no comma), each
 * once. More than eight are no list of recipes: the whole text is then taken for one name, which no recipe has.
 */
export const recipeNames = (asked: string): string[] => {
  const names = [...new Set(asked.trim().split(/\s*,\s*|\s+/))];
  return names.length > maxRecipes ? [asked] : names;
};

/**
 * The recipes of an upload: its own metadata's > the longest prefix rule's > the default ones. `metadata` has lower-case
 * keys without `x-amz-meta-`. What the metadata asks for is answered as it is: an empty or misspelled name never becomes
 * the default.
 */
export const chooseRecipes = (
  rules: Rules,
  key: string,
  metadata: Readonly<Record<string, string | undefined>>,
): RecipeChoice => {
  const asked = metadata[recipeMetadataKey];
  if (asked !== undefined) return { names: recipeNames(asked), because: "asked for by the upload's metadata" };
  const [rule] = rules.prefixes
    .filter(({ prefix }) => key.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (rule) return { names: rule.recipes, because: `prefix rule ${rule.prefix}` };
  const { default: names } = rules;
  return { names, because: names.length === 1 ? 'the default recipe' : 'one of the default recipes' };
};
