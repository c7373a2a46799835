import type * as z from 'zod';
import { ConfigurationError } from '../errors.ts';
import { describeIssue, showPath } from './describe-issue.ts';
import { readYaml } from './read-yaml.ts';

/** A hostile file has thousands of faults, and nobody reads more than these at once. */
const mostShown = 20;

/** The error for a file with these faults, each `path: expected X, got Y`; the file is named before each. */
export const fileError = (kind: string, code: string, file: string, faults: readonly string[]): ConfigurationError => {
  const shown = faults.slice(0, mostShown).map((fault) => `  ${file}: ${fault}`);
  const rest = faults.length > mostShown ? [`  and ${faults.length - mostShown} more`] : [];
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return new ConfigurationError(
    [
      `Expected a valid ${kind} in ${file} but received ${count}; correct the file and try again:`,
      ...shown,
      ...rest,
    ].join('\n'),
    { code },
  );
};

/** What a file is, for its errors: `{ kind: 'recipe', code: 'InvalidRecipe', file: 'recipes/web.yml' }`. */
export type FileKind = { kind: string; code: string; file: string };

/** A YAML text judged by a schema. Throws ConfigurationError with all faults of the file at once. */
export const parseYamlFile = <Value>(text: string, schema: z.ZodType<Value>, { kind, code, file }: FileKind): Value => {
  const { value, faults } = readYaml(text);
  if (value === undefined) throw fileError(kind, code, file, faults);
  const parsed = schema.safeParse(value, { reportInput: true });
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describeIssue(issue, schema));
  const all = [...faults, ...issues.map(({ path, text: fault }) => `${showPath(path)}: ${fault}`)];
  if (!parsed.success || all.length > 0) throw fileError(kind, code, file, all);
  return parsed.data;
};
