import type { Rules } from './rules.ts';

/** The key of the object metadata in which an upload names its recipe (`x-amz-meta-kadam-recipe` as a header). */
export const recipeMetadataKey = 'kadam-recipe';

/** The recipe's name (not necessarily one that exists) and the rule that chose it, in words. */
export type RecipeChoice = { name: string; because: string };

/**
 * The recipe of an upload: its own metadata's > the longest prefix rule's > the default. `metadata` has lower-case keys
 * without `x-amz-meta-`. What the metadata asks for is answered as it is: an empty or misspelled name never becomes
 * the default.
 */
export const chooseRecipe = (
  rules: Rules,
  key: string,
  metadata: Readonly<Record<string, string | undefined>>,
): RecipeChoice => {
  const asked = metadata[recipeMetadataKey];
  if (asked !== undefined) return { name: asked, because: "asked for by the upload's metadata" };
  const [rule] = rules.prefixes
    .filter(({ prefix }) => key.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  if (rule) return { name: rule.recipe, because: `prefix rule ${rule.prefix}` };
  return { name: rules.default, because: 'the default recipe' };
};
