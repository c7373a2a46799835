import * as z from 'zod';

/** A number that follows from a step's options: `constant` and, for each term, `factor` x option ^ `power`. */
export type Formula = { constant: number; terms: { option: string; factor: number; power: number }[] };

/**
 * The largest figure of a filter.yml: far beyond any machine, and small enough for every product of figures, pixels and
 * steps to stay a finite number.
 */
export const largestFigure = 1e9;

/** A figure of a filter.yml: finite, and not negative. */
export const figure = z.number().min(0).max(largestFigure);

const written = z.strictObject({
  constant: figure.default(0),
  terms: z
    .array(z.strictObject({ option: z.string(), factor: figure, power: z.number().min(0).max(4).default(1) }))
    .max(16)
    .default([]),
});

/** A formula as a person writes it: a plain number, or a constant and terms. None of its parts can make it negative. */
export const formulaSchema: z.ZodType<Formula> = z.preprocess(
  (value) => (typeof value === 'number' ? { constant: value } : value),
  written,
);

/** The formula's value for these options. */
export const evaluate = ({ constant, terms }: Formula, options: Readonly<Record<string, unknown>>): number =>
  terms.reduce((sum, { option, factor, power }) => sum + factor * Number(options[option]) ** power, constant);
