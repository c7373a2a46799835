import * as z from 'zod';
import { maxRecipes } from './choose-recipes.ts';
import { describeIssue, unknownName } from './describe-issue.ts';
import { parseYamlFile } from './parse-yaml-file.ts';

/** Uploads whose key begins with `prefix` take `recipes`, each as a job of its own. */
export type PrefixRule = { prefix: string; recipes: string[] };

/** Which recipes an upload takes that does not ask for any itself. */
export type Rules = { default: string[]; prefixes: PrefixRule[] };

/** The longest key of S3, and so the longest prefix, in characters. */
const maxPrefix = 1024;
const maxRules = 1000;

const rulesSchema = (known: readonly string[]) => {
  const recipe = z.string().superRefine((name, context) => {
    if (!known.includes(name)) context.addIssue({ code: 'custom', message: unknownName('a recipe', name, known) });
  });
  const list = z.array(recipe).min(1).max(maxRecipes);
  // Not a union, whose faults would be those of both.
  const recipes = z.unknown().transform((value, context): string[] => {
    const schema = Array.isArray(value) ? list : recipe;
    const parsed = schema.safeParse(value, { reportInput: true });
    if (parsed.success) return [...new Set([parsed.data].flat())];
    for (const { path, text } of parsed.error.issues.flatMap((issue) => describeIssue(issue, schema)))
      context.issues.push({ code: 'custom', message: text, path: [...path], input: value });
    return z.NEVER;
  });
  return z.strictObject({
    default: recipes,
    prefixes: z
      .array(z.strictObject({ prefix: z.string().min(1).max(maxPrefix), recipe: recipes }))
      .max(maxRules)
      .default([])
      .superRefine((rules, context) => {
        for (const [index, { prefix }] of rules.entries()) {
          if (rules.findIndex((rule) => rule.prefix === prefix) === index) continue;
          const message = `expected each prefix once, got ${JSON.stringify(prefix)} again`;
          context.addIssue({ code: 'custom', message, path: [index, 'prefix'] });
        }
      })
      .transform((rules) => rules.map(({ prefix, recipe }) => ({ prefix, recipes: recipe }))),
  });
};

/**
 * The rules file: `default` names a recipe or a list of them, `prefixes` lists `{ prefix, recipe }`, alike.
 * Throws ConfigurationError (`InvalidRules`) with every fault of the file, unknown recipes included.
 */
export const parseRules = (text: string, { file, recipes }: { file: string; recipes: readonly string[] }): Rules =>
  parseYamlFile(text, rulesSchema(recipes), { kind: 'rules file', code: 'InvalidRules', file });
