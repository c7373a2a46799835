import * as z from 'zod';

/** A state as far as it is read here; the library and the validator know the rest. */
export type State = { Type: string; [field: string]: unknown };

const machineSchema = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), z.looseObject({ Type: z.string() })),
});

/** A state machine's definition, or that of a branch or an iteration within it. */
export type Definition = z.infer<typeof machineSchema>;

/** Whether a value has a definition's outline. A guard and no parser: parsing would make a copy. */
export const isDefinition = (value: unknown): value is Definition => machineSchema.safeParse(value).success;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The definitions inside a Parallel or Map state. */
export const innerDefinitions = (state: State): Definition[] => {
  const branches = Array.isArray(state.Branches) ? state.Branches : [];
  return [...branches, state.Iterator, state.ItemProcessor].filter(isDefinition);
};

/** Every state of a definition with the names of the Parallel and Map states around it; names are unique in it. */
export function* statesOf(
  definition: Definition,
  parents: string[] = [],
): Generator<{ name: string; state: State; parents: string[] }> {
  for (const [name, state] of Object.entries(definition.States)) {
    yield { name, state, parents };
    for (const inner of innerDefinitions(state)) yield* statesOf(inner, [...parents, name]);
  }
}
