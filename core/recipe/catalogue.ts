import type { ContainerFilter } from '../filters/container-filter.ts';
import type { HashedRecipe } from './recipe.ts';
import type { Rules } from './rules.ts';

/** Every recipe by its name, the rules that choose among them, and the containers' filters that their steps may name. */
export type Catalogue = {
  recipes: ReadonlyMap<string, HashedRecipe>;
  rules: Rules;
  containerFilters: readonly ContainerFilter[];
};
