import { readFile, writeFile } from 'node:fs/promises';
import { withReference } from './recipe-reference.ts';
import { type CommandDeps, runCommand, UsageError } from './run-command.ts';

const usage = `Usage: npm run docs

Writes the reference of filters and formats in docs/recipes.md anew, from what their code says of them.`;

const path = new URL('../docs/recipes.md', import.meta.url);

const docs = async ({ arguments: given, out }: CommandDeps): Promise<number> => {
  if (given.length > 0) throw new UsageError(`Expected no arguments but received ${given.join(' ')}.`);
  const before = await readFile(path, 'utf8');
  const after = withReference(before);
  if (after !== before) await writeFile(path, after);
  out(after === before ? 'docs/recipes.md is up to date.\n' : 'Wrote docs/recipes.md.\n');
  return 0;
};

await runCommand(docs, usage);
