import * as z from 'zod';

const described = { description: z.string().max(200) };
const numeric = {
  ...described,
  minimum: z.number(),
  maximum: z.number(),
  multipleOf: z.number().positive().optional(),
  default: z.number().optional(),
};

/** What filter.yml may say of one option: a few keywords of JSON Schema. */
export const optionRule = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('integer'), ...numeric }),
  z.strictObject({ type: z.literal('number'), ...numeric }),
  z.strictObject({ type: z.literal('boolean'), ...described, default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('string'),
    ...described,
    enum: z.array(z.string()).min(1).max(32),
    default: z.string().optional(),
  }),
]);

export type OptionRule = z.output<typeof optionRule>;

/** The rules of a filter's options, by the option's name. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** The schema of options that keep these rules: unknown ones are refused, and defaults are filled in. */
export const optionsSchema = (rules: OptionRules): z.ZodType<unknown> => {
  const properties = Object.entries(rules);
  return z.fromJSONSchema({
    type: 'object',
    properties: Object.fromEntries(properties),
    required: properties.filter(([, rule]) => rule.default === undefined).map(([name]) => name),
    additionalProperties: false,
  });
};
