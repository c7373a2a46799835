import * as z from 'zod';
import { asFilter, type ContainerFilter } from '../filters/container-filter.ts';
import { filters } from '../filters/registry.ts';
import { findFormat, formats } from '../formats/registry.ts';
import { inputFormats } from '../image/traits.ts';
import { containerFaults } from './container-faults.ts';
import { describeIssue, show, unknownName } from './describe-issue.ts';
import type { Encoding, Output, Step } from './recipe.ts';
import { isOutputName, namePattern } from './recipe-name.ts';

/** Bounds of one recipe, far above every use known: a recipe costs its steps times its outputs for every upload. */
const maxSteps = 16;
const maxOutputs = 32;
/** Each file is a stage of the plan in the job's record, which DynamoDB bounds at 400 KB. */
const maxFiles = 64;
const maxDescription = 500;
const maxCacheControl = 200;

type NamedOptions = { name: string; options: unknown };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `sharpen`, or `{ sharpen: { sigma: 2 } }`; undefined for everything else. A key without a value has no options. */
const asNamedOptions = (value: unknown): NamedOptions | undefined => {
  if (typeof value === 'string') return { name: value, options: {} };
  const [entry, ...others] = isRecord(value) ? Object.entries(value) : [];
  return entry && others.length === 0 ? { name: entry[0], options: entry[1] ?? {} } : undefined;
};

/** Anything with a name and a schema of its options: a filter, a format. */
type Optioned = { name: string; options: z.ZodType };

/** The schema of one entry in a list of filters or formats, judged by the named one's own schema. */
const namedOptions = <Entry>(
  kind: string,
  known: readonly Optioned[],
  build: (name: string, options: Record<string, unknown>) => Entry | undefined,
): z.ZodType<Entry> =>
  z.unknown().transform((value, context) => {
    const refuse = (message: string, path: readonly PropertyKey[] = []): never => {
      context.issues.push({ code: 'custom', message, path: [...path], input: value });
      return z.NEVER;
    };
    const named = asNamedOptions(value);
    if (!named) return refuse(`expected ${kind}'s name, or a map of one name to its options, got ${show(value)}`);
    const found = known.find(({ name }) => name === named.name);
    if (!found) {
      const names = known.map(({ name }) => name);
      return refuse(unknownName(kind, named.name, names));
    }
    const options = found.options.safeParse(named.options, { reportInput: true });
    if (!options.success) {
      for (const issue of options.error.issues) {
        for (const { path, text } of describeIssue(issue, found.options)) refuse(text, [found.name, ...path]);
      }
      return z.NEVER;
    }
    const entry = isRecord(options.data) ? build(found.name, options.data) : undefined;
    return entry ?? refuse(`expected options that are a map, got ${show(options.data)}`, [found.name]);
  });

const encoding = namedOptions<Encoding>('a format', formats, (name, options) => {
  const format = inputFormats.find((candidate) => candidate === name);
  return format && { format, options };
});

/** How many files these outputs write. */
const countFiles = (outputs: readonly (Partial<Output> | undefined)[]): number =>
  outputs.reduce((sum, output) => sum + (output?.formats?.length ?? 0), 0);

/** The files that these outputs would write more than once: `640w.webp`. Entries at fault elsewhere are undefined. */
const repeatedFiles = (outputs: readonly (Partial<Output> | undefined)[]): string[] => {
  const files = outputs.flatMap((output) =>
    (output?.formats ?? []).flatMap((encoded: Encoding | undefined) => {
      const format = findFormat(encoded?.format ?? '');
      return format ? [`${output?.name}.${format.extension}`] : [];
    }),
  );
  return [...new Set(files.filter((file, index) => files.indexOf(file) !== index))];
};

const outputsOf = (step: z.ZodType<Step>) =>
  z
    .array(
      z.strictObject({
        name: z.string().refine(isOutputName, { error: `Expected ${namePattern}` }),
        steps: z.array(step).max(maxSteps).default([]),
        formats: z.array(encoding).min(1).max(inputFormats.length),
        frames: z.enum(['all', 'first']).default('all'),
        metadata: z.enum(['strip', 'keep']).default('strip'),
      }),
    )
    .min(1)
    .max(maxOutputs)
    .refine((outputs) => countFiles(outputs) <= maxFiles, {
      error: ({ input }) =>
        `expected at most ${maxFiles} files of all outputs together, got ${Array.isArray(input) ? countFiles(input) : 0}`,
    })
    .refine((outputs) => repeatedFiles(outputs).length === 0, {
      error: ({ input }) => {
        const repeated = Array.isArray(input) ? repeatedFiles(input) : [];
        return `expected each file once, got ${repeated.join(', ')} again`;
      },
      // Together with the faults of single outputs, not only once they are mended.
      when: ({ value }) => Array.isArray(value),
    });

const cacheControl = z
  .string()
  .max(maxCacheControl)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, { error: 'Expected a Cache-Control header in plain ASCII' });

/**
 * A recipe file as a person writes it; what comes out has every default filled in. Steps name Kadam's own filters and
 * these of containers.
 */
export const recipeSchema = (containerFilters: readonly ContainerFilter[]) => {
  const step = namedOptions<Step>('a filter', [...filters, ...containerFilters.map(asFilter)], (filter, options) => ({
    filter,
    options,
  }));
  return z
    .strictObject({
      description: z.string().max(maxDescription).default(''),
      steps: z.array(step).max(maxSteps).default([]),
      outputs: outputsOf(step),
      // Every output may be replaced by a newer upload of the same key: only whoever names keys can promise more.
      cacheControl: cacheControl.default('no-cache'),
      runOn: z.enum(['lambda', 'batch']).optional(),
    })
    .superRefine((recipe, context) => {
      for (const { path, message } of containerFaults(recipe, containerFilters)) {
        context.addIssue({ code: 'custom', path, message });
      }
    });
};
