import * as z from 'zod';
import { unknownName } from './describe-issue.ts';
import { parseYamlFile } from './parse-yaml-file.ts';

/** Uploads whose key begins with `prefix` take `recipe`. */
export type PrefixRule = { prefix: string; recipe: string };

/** Which recipe an upload takes that does not ask for one itself. */
export type Rules = { default: string; prefixes: PrefixRule[] };

/** The longest key of S3, and so the longest prefix, in characters. */
const maxPrefix = 1024;
const maxRules = 1000;

const rulesSchema = (recipes: readonly string[]) => {
  const recipe = z.string().superRefine((name, context) => {
    if (!recipes.includes(name)) context.addIssue({ code: 'custom', message: unknownName('a recipe', name, recipes) });
  });
  return z.strictObject({
    default: recipe,
    prefixes: z
      .array(z.strictObject({ prefix: z.string().min(1).max(maxPrefix), recipe }))
      .max(maxRules)
      .default([])
      .superRefine((rules, context) => {
        for (const [index, { prefix }] of rules.entries()) {
          if (rules.findIndex((rule) => rule.prefix === prefix) === index) continue;
          const message = `expected each prefix once, got ${JSON.stringify(prefix)} again`;
          context.addIssue({ code: 'custom', message, path: [index, 'prefix'] });
        }
      }),
  });
};

/**
 * The rules file: `default` names a recipe, `prefixes` lists `{ prefix, recipe }`.
 * Throws ConfigurationError (`InvalidRules`) with every fault of the file, unknown recipes included.
 */
export const parseRules = (text: string, { file, recipes }: { file: string; recipes: readonly string[] }): Rules =>
  parseYamlFile(text, rulesSchema(recipes), { kind: 'rules file', code: 'InvalidRules', file });
