import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { repository } from '../aws/job-file.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { recipeNames } from '../core/recipe/choose-recipes.ts';
import { unknownName } from '../core/recipe/describe-issue.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import { printable } from './printable.ts';
import { type CommandDeps, onlyArgument, runCommand, UsageError } from './run-command.ts';
import { deploymentOptions, deploymentUsage, withDeployment } from './with-deployment.ts';

const usage = `Usage: npm run reprocess -- PREFIX [--recipe NAME[,NAME]] [--dry-run] [--stage NAME | --port N]

Has the newest version of every upload whose key begins with PREFIX processed again ('' means all): those that were done,
rejected or failed anew, those under way are left alone. Each result replaces the older one. A recipe that has changed
since gives new jobs. Answers 0, or 1 where there is no such upload.

  --recipe NAME[,NAME]       with these recipes, whatever the uploads' metadata and recipes/rules.yml say
  --dry-run                  only list the uploads
${deploymentUsage}`;

/** Every upload below a prefix would get a rejected job for a misspelled name: those of recipes/ and sidecars are taken. */
const checkRecipes = async (asked: string): Promise<void> => {
  const path = (folder: string) => fileURLToPath(new URL(folder, repository));
  const { recipes } = await readCatalogue(path('recipes'), await readContainerFilters(path('.')));
  const known = [...recipes.keys(), 'sidecar'];
  const unknown = recipeNames(asked).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`--recipe: ${unknownName('a recipe', unknown, known)}.`);
};

/** Asks for uploads to be processed again; answers the exit code. */
const reprocess = async (deps: CommandDeps): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: deps.arguments,
    allowPositionals: true,
    options: {
      recipe: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      ...deploymentOptions,
    },
  });
  const prefix = onlyArgument('prefix', positionals);
  if (values.recipe !== undefined) await checkRecipes(values.recipe);
  return withDeployment(values, async (connection) => {
    const uploads = await connection.uploads(prefix);
    if (uploads.length === 0) {
      deps.out(
        `There is no upload in s3://${connection.settings.KADAM_INPUT_BUCKET} whose key begins with ${prefix}\n`,
      );
      return 1;
    }
    const counted = `${uploads.length} upload${uploads.length === 1 ? '' : 's'}`;
    if (values['dry-run']) {
      deps.out(`${uploads.map(({ key }) => `${printable(key)}\n`).join('')}${counted}; nothing was sent (--dry-run)\n`);
    } else {
      await connection.reprocess(uploads, { request: randomUUID(), recipes: values.recipe });
      const [{ key } = { key: prefix }] = uploads;
      deps.out(`${counted} will be processed again. ` + `See how it goes: npm run status -- ${JSON.stringify(key)}\n`);
    }
    return 0;
  });
};

await runCommand(reprocess, usage);
