import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { repository } from '../aws/job-file.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { withCosts } from './costs-reference.ts';
import { withReference } from './recipe-reference.ts';
import { type CommandDeps, runCommand, UsageError } from './run-command.ts';

const usage = `Usage: npm run docs

Writes what follows from the code anew: the reference of filters and formats in docs/recipes.md, from what their code and
filter.yml say of them, and the figures of docs/costs.md, from what \`npm run plan\` prints.`;

/** Each document with parts that are written by this command, and what it should be. */
const documents: Record<string, (before: string) => Promise<string>> = {
  'docs/recipes.md': async (before) => withReference(before, await readContainerFilters(fileURLToPath(repository))),
  'docs/costs.md': withCosts,
};

const docs = async ({ arguments: given, out }: CommandDeps): Promise<number> => {
  if (given.length > 0) throw new UsageError(`Expected no arguments but received ${given.join(' ')}.`);
  for (const [name, write] of Object.entries(documents)) {
    const path = new URL(name, repository);
    const before = await readFile(path, 'utf8');
    const after = await write(before);
    if (after !== before) await writeFile(path, after);
    out(after === before ? `${name} is up to date.\n` : `Wrote ${name}.\n`);
  }
  return 0;
};

await runCommand(docs, usage);
