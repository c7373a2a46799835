import type { HashedRecipe } from './recipe.ts';
import type { Rules } from './rules.ts';

/** Every recipe by its name, and the rules that choose among them. */
export type Catalogue = { recipes: ReadonlyMap<string, HashedRecipe>; rules: Rules };
