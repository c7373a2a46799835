import { ConfigurationError, InvalidInputError } from '../errors.ts';
import type { ContainerFilter } from '../filters/container-filter.ts';
import { hashRecipe } from './canonical-recipe.ts';
import { parseYamlFile } from './parse-yaml-file.ts';
import type { HashedRecipe } from './recipe.ts';
import { sidecarName } from './recipe-name.ts';
import { recipeSchema } from './recipe-schema.ts';

/** What a sidecar's key ends with, after the key of the upload that it is for. */
const extensions = ['.kadam.yml', '.kadam.json'] as const;

/** Whether an object is a sidecar and no picture: a recipe that another upload asks for. */
export const isSidecarKey = (key: string): boolean => extensions.some((extension) => key.endsWith(extension));

/** The keys under which an upload's own recipe may lie. */
export const sidecarKeys = (key: string): string[] => extensions.map((extension) => `${key}${extension}`);

const refused = (code: string, message: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError(message, { code, cause });

/**
 * An upload's own recipe: the YAML or JSON beside it, in canonical form and hashed. It is bounded as every recipe is, in
 * size, depth, steps and outputs. `readText` answers the beginning of an object beside the upload.
 *
 * Throws InvalidInputError `NoSidecar`, `TwoSidecars`, or `InvalidSidecar` with every fault of the file.
 */
export const readSidecar = async (
  key: string,
  readText: (key: string) => Promise<string | undefined>,
  containerFilters: readonly ContainerFilter[],
): Promise<HashedRecipe> => {
  const keys = sidecarKeys(key);
  const found = (await Promise.all(keys.map(async (file) => ({ file, text: await readText(file) })))).flatMap(
    ({ file, text }) => (text === undefined ? [] : [{ file, text }]),
  );
  const [only, second] = found;
  if (only === undefined) {
    throw refused(
      'NoSidecar',
      `Expected the upload's own recipe at ${keys.join(' or ')} but found none. ` +
        'Upload that first, then the picture again.',
    );
  }
  if (second !== undefined) {
    throw refused('TwoSidecars', `Expected one of ${keys.join(' and ')} but found both. Delete one, and upload again.`);
  }
  const { file, text } = only;
  try {
    const parsed = parseYamlFile(text, recipeSchema(containerFilters), {
      kind: 'recipe',
      code: 'InvalidSidecar',
      file,
    });
    return hashRecipe({ name: sidecarName, ...parsed });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw refused(error.code, error.message, error);
  }
};
