const pattern = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The folder of manifests whose recipe's name cannot be a folder's name. */
const unknownRecipeFolder = 'unknown-recipe';

/** What an upload asks for that brings its own recipe, and the folder of its results. */
export const sidecarName = 'sidecar';

/** Names with a meaning of their own: a folder of the output bucket, a word of the upload's metadata, a file. */
const reservedNames: ReadonlySet<string> = new Set([unknownRecipeFolder, sidecarName, 'rules']);

/** What a name may be, in words for error messages. */
export const namePattern = '1 to 64 lower-case letters, digits and hyphens, the first no hyphen';

/** Whether text may name an output, which becomes part of an object's key. */
export const isOutputName = (text: string): boolean => pattern.test(text);

/** Whether text may name a recipe: the name of its file, and a folder of every result's key. */
export const isRecipeName = (text: string): boolean => pattern.test(text) && !reservedNames.has(text);

/** The folder of an upload's results under the recipe that was asked for, whether that exists or not. */
export const recipeFolder = (name: string): string =>
  isRecipeName(name) || name === sidecarName ? name : unknownRecipeFolder;
