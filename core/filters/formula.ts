import * as z from 'zod';

/** A number that follows from a step's options: `constant` and, for each term, `factor` x option ^ `power`. */
export type Formula = { constant: number; terms: { option: string; factor: number; power: number }[] };

const coefficient = z.number().min(0);

const written = z.strictObject({
  constant: coefficient.default(0),
  terms: z
    .array(z.strictObject({ option: z.string(), factor: coefficient, power: z.number().min(0).max(4).default(1) }))
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
