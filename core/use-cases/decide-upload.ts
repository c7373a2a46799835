import { InvalidInputError } from '../errors.ts';
import { probe } from '../image/probe.ts';
import type { Traits } from '../image/traits.ts';
import type { JobError } from '../jobs/job.ts';
import { assertKeysFit } from '../jobs/manifest.ts';
import type { OpenedUpload } from '../ports.ts';
import { buildPlan } from '../predict/build-plan.ts';
import type { Plan } from '../predict/plan.ts';
import { registeredFormat } from '../predict/registered.ts';
import type { Catalogue } from '../recipe/catalogue.ts';
import { chooseRecipes, recipeNames } from '../recipe/choose-recipes.ts';
import { didYouMean } from '../recipe/did-you-mean.ts';
import type { HashedRecipe, Recipe } from '../recipe/recipe.ts';
import { sidecarName } from '../recipe/recipe-name.ts';
import { readSidecar } from '../recipe/sidecar.ts';
import { decide, refusalCode } from '../route/decide.ts';
import type { Decision } from '../route/decision.ts';
import type { RoutingLimits } from '../route/limits.ts';

/** Everything that the first kilobytes of an upload tell of one of its recipes: what would run, where, and why. */
export type UploadDecision = {
  recipeName: string;
  recipe?: HashedRecipe;
  traits?: Traits;
  plan?: Plan;
  decision: Decision;
  error?: JobError;
};

/** What deciding needs to know of the deployment. */
export type DecisionSettings = { catalogue: Catalogue; limits: RoutingLimits };

export type DecideOptions = {
  /** Recipes that a person asks for, as a list (`web,archive`), whatever the upload and the rules say. */
  asked?: string | undefined;
  /** The text of a small object beside the upload: of its sidecar. */
  readText: (key: string) => Promise<string | undefined>;
};

/** Threads of every pipeline: what the function has, on both ways, so that both write the same bytes. */
export const planThreads = (limits: RoutingLimits): number => Math.max(1, Math.floor(limits.lambda.vcpus));

/**
 * Chooses the recipes and reads the traits once; then plans, estimates and decides for each recipe, without running
 * anything. An upload that is at fault is no error here but a decision: `reject` with its reason.
 */
export const decideUpload = async (
  opened: OpenedUpload,
  settings: DecisionSettings,
  { asked, readText }: DecideOptions,
): Promise<UploadDecision[]> => {
  const { key } = opened.upload;
  const { names, because } =
    asked === undefined
      ? chooseRecipes(settings.catalogue.rules, key, opened.metadata)
      : { names: recipeNames(asked), because: 'asked for on the command line' };
  let probed: Promise<Traits> | undefined;
  const facts: Facts = {
    key,
    because,
    probe: () => {
      probed ??= probe(opened.source);
      return probed;
    },
    findRecipe: async (name) => {
      if (name === sidecarName) return readSidecar(key, readText, settings.catalogue.containerFilters);
      const recipe = settings.catalogue.recipes.get(name);
      if (recipe === undefined) throw unknownRecipe(name, settings.catalogue);
      return recipe;
    },
  };
  const decisions: UploadDecision[] = [];
  for (const name of names) decisions.push(await decideRecipe(name, facts, settings));
  return decisions;
};

/** What all recipes of one upload share. */
type Facts = {
  key: string;
  because: string;
  probe: () => Promise<Traits>;
  findRecipe: (name: string) => Promise<HashedRecipe>;
};

const decideRecipe = async (
  name: string,
  facts: Facts,
  { catalogue: { containerFilters }, limits }: DecisionSettings,
): Promise<UploadDecision> => {
  const known: UploadDecision = { recipeName: name, decision: { target: 'reject', reasons: [] } };
  try {
    known.recipe = await facts.findRecipe(name);
    const { recipe } = known.recipe;
    known.traits = await facts.probe();
    assertKeysFit(facts.key, name, recipeFiles(recipe));
    known.plan = buildPlan(recipe, known.traits, { threads: planThreads(limits), containerFilters });
    const decision = decide(known.plan, known.traits, limits, recipe.runOn);
    const { target, reasons } = decision;
    return {
      ...known,
      decision: { ...decision, reasons: [`recipe ${name}: ${facts.because}`, ...reasons] },
      ...(target === 'reject' ? { error: { code: refusalCode(recipe.runOn), message: reasons.join('; ') } } : {}),
    };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return {
      ...known,
      decision: { target: 'reject', reasons: [error.message] },
      error: { code: error.code, message: error.message },
    };
  }
};

/** Every file that a recipe makes. */
const recipeFiles = ({ outputs }: Recipe): { name: string; extension: string }[] =>
  outputs.flatMap(({ name, formats }) =>
    formats.map(({ format }) => ({ name, extension: registeredFormat(format).extension })),
  );

const unknownRecipe = (name: string, catalogue: Catalogue): InvalidInputError => {
  const names = [...catalogue.recipes.keys()];
  const meant = didYouMean(name, names);
  return new InvalidInputError(
    `Expected one of the recipes ${names.join(', ')} but received '${name.slice(0, 64)}'` +
      `${meant === undefined ? '' : ` (did you mean '${meant}'?)`}. ` +
      'Upload the picture again with one of them, or several separated by commas or spaces, in its metadata kadam-recipe, or ' +
      'without that metadata.',
    { code: 'UnknownRecipe' },
  );
};
