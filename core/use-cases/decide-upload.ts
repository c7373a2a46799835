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
import { chooseRecipe } from '../recipe/choose-recipe.ts';
import type { HashedRecipe, Recipe } from '../recipe/recipe.ts';
import { decide } from '../route/decide.ts';
import type { Decision } from '../route/decision.ts';
import type { RoutingLimits } from '../route/limits.ts';

/** Everything that the first kilobytes of an upload tell: what would run, where, and why. */
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

/** Threads of every pipeline: what the function has, on both ways, so that both write the same bytes. */
export const planThreads = (limits: RoutingLimits): number => Math.max(1, Math.floor(limits.lambda.vcpus));

/**
 * Chooses the recipe, reads the traits, plans, estimates and decides, without running anything. An upload that is at
 * fault is no error here but a decision: `reject` with its reason. `asked` overrides the choice of the recipe.
 */
export const decideUpload = async (
  opened: OpenedUpload,
  settings: DecisionSettings,
  asked?: string,
): Promise<UploadDecision> => {
  const { catalogue, limits } = settings;
  const chosen = asked
    ? { name: asked, because: 'asked for on the command line' }
    : chooseRecipe(catalogue.rules, opened.upload.key, opened.metadata);
  const known: UploadDecision = {
    recipeName: chosen.name,
    recipe: catalogue.recipes.get(chosen.name),
    decision: { target: 'reject', reasons: [] },
  };
  try {
    if (known.recipe === undefined) throw unknownRecipe(chosen.name, catalogue);
    known.traits = await probe(opened.source);
    assertKeysFit(opened.upload.key, chosen.name, recipeFiles(known.recipe.recipe));
    known.plan = buildPlan(known.recipe.recipe, known.traits, { threads: planThreads(limits) });
    const { target, reasons, estimate } = decide(known.plan, known.traits, limits);
    return {
      ...known,
      decision: { target, reasons: [`recipe ${chosen.name}: ${chosen.because}`, ...reasons], estimate },
      ...(target === 'reject' ? { error: { code: 'TooLarge', message: reasons.join('; ') } } : {}),
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

const unknownRecipe = (name: string, catalogue: Catalogue): InvalidInputError =>
  new InvalidInputError(
    `Expected one of the recipes ${[...catalogue.recipes.keys()].join(', ')} but received '${name.slice(0, 64)}'. ` +
      'Upload the picture again with one of them in its metadata kadam-recipe, or without that metadata.',
    { code: 'UnknownRecipe' },
  );
