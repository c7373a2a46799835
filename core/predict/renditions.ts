import type { Traits } from '../image/traits.ts';
import type { Encoding, Output, Recipe } from '../recipe/recipe.ts';
import { keptPages } from './kept-pages.ts';

/** Encodings of one output that are made from the same pixels. */
export type Rendition = { output: Output; encodings: Encoding[] };

/** Renditions that can share stages: of as many pages, and alike in what becomes of metadata and colours. */
export type Family = { pages: number; metadata: Output['metadata']; renditions: Rendition[] };

/** The one of these that is such, added where there is none yet. */
const findOrAdd = <Item>(items: Item[], isSuch: (item: Item) => boolean, make: () => Item): Item => {
  const found = items.find(isSuch);
  if (found !== undefined) return found;
  const made = make();
  items.push(made);
  return made;
};

/**
 * A recipe's outputs by what they can share, in the recipe's order. An output of several formats may be in two
 * families: of an animation, its WebP gets all frames and its AVIF the first.
 * Throws InvalidInputError `FramesDiffer`.
 */
export const familiesOf = (recipe: Recipe, traits: Traits): Family[] => {
  const families: Family[] = [];
  for (const output of recipe.outputs) {
    const { metadata } = output;
    for (const encoding of output.formats) {
      const pages = keptPages(output, encoding, traits);
      const { renditions } = findOrAdd(
        families,
        (family) => family.pages === pages && family.metadata === metadata,
        () => ({ pages, metadata, renditions: [] }),
      );
      const { encodings } = findOrAdd(
        renditions,
        (rendition) => rendition.output === output,
        () => ({ output, encodings: [] }),
      );
      encodings.push(encoding);
    }
  }
  return families;
};
