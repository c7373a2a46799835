import * as z from 'zod';

/** A state as far as it is read here; the library and the validator know the rest. */
export type State = { Type: string; [field: string]: unknown };

const machineSchema = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), z.looseObject({ Type: z.string() })),
});

/** A state machine's definition. */
export type Definition = z.infer<typeof machineSchema>;

/** Whether a value has a definition's outline. A guard and no parser: parsing would make a copy. */
export const isDefinition = (value: unknown): value is Definition => machineSchema.safeParse(value).success;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
