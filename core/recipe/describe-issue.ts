import * as z from 'zod';
import { didYouMean } from './did-you-mean.ts';

type Issue = z.core.$ZodIssue;

/** One fault of a YAML file: where it is (`outputs[0].steps[1].resize.width`) and `expected X, got Y`. */
export type Fault = { path: readonly PropertyKey[]; text: string };

const longestShown = 60;

/** A value as it is shown to a person: one short line of JSON, whatever a stranger wrote. */
export const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
};

const list = (names: readonly unknown[]): string =>
  names.map((name) => (typeof name === 'string' ? `'${name}'` : String(name))).join(', ');

/** `, got "sharpn" (did you mean 'sharpen'?)` */
const gotWord = (word: unknown, known: readonly string[]): string => {
  const meant = typeof word === 'string' ? didYouMean(word, known) : undefined;
  return `, got ${show(word)}${meant === undefined ? '' : ` (did you mean '${meant}'?)`}`;
};

/** `expected a filter ('autoOrient', 'blur'), got "sharpn" (did you mean 'sharpen'?)` */
export const unknownName = (kind: string, name: unknown, known: readonly string[]): string =>
  `expected ${kind} (${list(known)})${gotWord(name, known)}`;

/** The keys that a schema allows at a path below it; empty where it is no object there. */
const keysAt = (schema: unknown, path: readonly PropertyKey[]): string[] => {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return keysAt(schema.in instanceof z.ZodTransform ? schema.out : schema.in, path);
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap((option) => keysAt(option, path)))];
  const [head, ...rest] = path;
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  return head === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(head)], rest);
};

const units = new Map([
  ['array', ['entry', 'entries']],
  ['string', ['character', 'characters']],
]);

const boundFault = (issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string => {
  const limit = issue.code === 'too_big' ? issue.maximum : issue.minimum;
  const [reached, passed] = issue.code === 'too_big' ? ['at most', 'less than'] : ['at least', 'more than'];
  const [one, many] = units.get(issue.origin) ?? [];
  const unit = one === undefined ? '' : ` ${limit === 1 ? one : many}`;
  const size = Array.isArray(issue.input) || typeof issue.input === 'string' ? issue.input.length : issue.input;
  return `expected ${issue.inclusive === false ? passed : reached} ${limit}${unit}, got ${show(size)}`;
};

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a map',
  string: 'text',
};

const textOf = (issue: Issue): string => {
  // A schema's own words: everything that zod says itself begins otherwise.
  const [, own] = /^Expected (.*)$/s.exec(issue.message) ?? [];
  if (own !== undefined) {
    return own.includes('but received')
      ? `expected ${own.replace(/,? but received/, ', got')}`
      : `expected ${own}, got ${show(issue.input)}`;
  }
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}, got ${show(issue.input)}`;
    case 'invalid_value':
      return `expected one of ${list(issue.values)}${gotWord(issue.input, issue.values.map(String))}`;
    case 'too_big':
    case 'too_small':
      return boundFault(issue);
    case 'invalid_format':
      return `expected text that matches ${issue.pattern ?? issue.format}, got ${show(issue.input)}`;
    case 'custom':
      return issue.message;
    default:
      return `expected another value (${issue.message}), got ${show(issue.input)}`;
  }
};

/** The faults behind one of zod's issues; a schema must have been asked to report its input (`reportInput`). */
export const describeIssue = (issue: Issue, schema: z.ZodType): Fault[] => {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, text: textOf(issue) }];
  const known = keysAt(schema, issue.path);
  const expected = known.length === 0 ? 'no keys' : `only the keys ${list(known)}`;
  return issue.keys.map((key) => ({ path: issue.path, text: `expected ${expected}${gotWord(key, known)}` }));
};

/** A path as a person writes it: `outputs[0].steps[1].resize`; the file itself is `the file`. */
export const showPath = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('') || 'the file';
