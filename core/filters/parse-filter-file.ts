import * as z from 'zod';
import { ConfigurationError } from '../errors.ts';
import { describeIssue } from '../recipe/describe-issue.ts';
import { parseYamlFile } from '../recipe/parse-yaml-file.ts';
import type { ContainerFilter } from './container-filter.ts';
import { evaluate, type Formula, figure, formulaSchema, largestFigure } from './formula.ts';
import { type OptionRules, optionRule, optionsSchema } from './option-rules.ts';
import { findFilter } from './registry.ts';

const camelCase = /^[a-z][A-Za-z0-9]{0,31}$/;
const optionName = z.string().regex(camelCase);

/** How many times as long a step may make each side: after all steps of a recipe, pixels are still a finite number. */
const largestScale = 100;

const shape = z.strictObject({
  name: z
    .string()
    .regex(camelCase, { error: 'Expected 1 to 32 letters and digits, the first a small letter' })
    .refine((name) => findFilter(name) === undefined, { error: 'Expected a name that no filter of Kadam has' }),
  summary: z.string().min(1).max(200),
  notes: z.string().max(2000).optional(),
  example: z.record(z.string(), z.unknown()).default({}),
  options: z.record(optionName, optionRule).default({}),
  command: z.array(z.string().min(1)).min(1),
  needs: z.string().min(1).max(300),
  scale: formulaSchema.default({ constant: 1, terms: [] }),
  cost: z.strictObject({
    startSeconds: figure,
    secondsPerMegapixel: formulaSchema,
    threads: z.int().min(1).max(192),
    memory: z.strictObject({
      fixedMiB: figure,
      bytesPerPixel: figure.default(0),
      bytesPerColumn: figure.default(0),
    }),
  }),
});

type FilterFile = z.output<typeof shape>;
type Fault = { path: PropertyKey[]; message: string };

/** What is wrong with an option's own default or bounds. */
const ruleFaults = (options: OptionRules): Fault[] =>
  Object.entries(options).flatMap(([name, rule]): Fault[] => {
    const path = ['options', name];
    if ('minimum' in rule && rule.minimum > rule.maximum) {
      return [{ path, message: `expected a minimum of at most ${rule.maximum}, got ${rule.minimum}` }];
    }
    const isRight =
      rule.default === undefined || optionsSchema({ [name]: rule }).safeParse({ [name]: rule.default }).success;
    return isRight ? [] : [{ path, message: `expected a default that the option takes, got ${rule.default}` }];
  });

/** A formula's terms that would not be a number, or could be negative. */
const formulaFaults = ({ terms }: Formula, options: OptionRules, path: readonly PropertyKey[]): Fault[] =>
  terms.flatMap(({ option }, index): Fault[] => {
    const rule = Object.hasOwn(options, option) ? options[option] : undefined;
    return rule !== undefined && 'minimum' in rule && rule.minimum >= 0
      ? []
      : [
          {
            path: [...path, 'terms', index, 'option'],
            message: `expected an option that is a number from 0 on, got '${option}'`,
          },
        ];
  });

/** Formulas never fall as their options grow: what holds for the largest options holds for all. */
const sizeFaults = (formula: Formula, options: OptionRules, largest: number, path: readonly PropertyKey[]): Fault[] => {
  const maxima = Object.entries(options).map(([name, rule]) => [name, 'maximum' in rule ? rule.maximum : 0]);
  const value = evaluate(formula, Object.fromEntries(maxima));
  // Not `value > largest`: a factor of 0 and an infinite power make NaN.
  return value <= largest
    ? []
    : [{ path: [...path], message: `expected at most ${largest} for the largest options, got ${value}` }];
};

const exampleFaults = ({ example, options }: FilterFile): Fault[] => {
  const schema = optionsSchema(options);
  const parsed = schema.safeParse(example, { reportInput: true });
  const issues = parsed.success ? [] : parsed.error.issues;
  return issues
    .flatMap((issue) => describeIssue(issue, schema))
    .map(({ path, text }) => ({ path: ['example', ...path], message: text }));
};

const filterFile = shape.superRefine((file, context) => {
  const ofRules = ruleFaults(file.options);
  const formulas = [
    { formula: file.scale, largest: largestScale, path: ['scale'] },
    { formula: file.cost.secondsPerMegapixel, largest: largestFigure, path: ['cost', 'secondsPerMegapixel'] },
  ];
  const ofFormulas = formulas.flatMap(({ formula, largest, path }) => {
    const faults = formulaFaults(formula, file.options, path);
    return faults.length > 0 ? faults : sizeFaults(formula, file.options, largest, path);
  });
  const faults = [
    ...ofRules,
    ...ofFormulas,
    // A default that is wrong would be reported again for the example that leaves it out.
    ...(ofRules.length > 0 ? [] : exampleFaults(file)),
  ];
  for (const { path, message } of faults) context.addIssue({ code: 'custom', path, message });
});

const containerName = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * A container's filter from the text of its filter.yml. `container` is the folder's name, `folder` the one that holds
 * containers/, and `file` what errors call the file.
 * Throws ConfigurationError `InvalidFilterFile` with every fault of the file, each `file: path: expected X, got Y`.
 */
export const parseFilterFile = (
  text: string,
  { file, container, folder }: { file: string; container: string; folder: string },
): ContainerFilter => {
  const kind = { kind: 'filter file', code: 'InvalidFilterFile', file };
  if (!containerName.test(container)) {
    throw new ConfigurationError(
      `${file}: the folder's name: expected 1 to 32 small letters, digits and hyphens, the first a letter, got ` +
        `'${container}'. Rename the folder.`,
      { code: kind.code },
    );
  }
  return { ...parseYamlFile(text, filterFile, kind), container, folder };
};
