import validate from 'asl-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './support/evaluate.ts';
import { templateOf } from './support/packaged.ts';
import { isObject, resourcesOf, type Template } from './support/template.ts';
import { defaultVariant } from './support/variants.ts';

/** A state machine's definition as CloudFormation hands it to Step Functions: every `${Name}` replaced. */
const definitionOf = ({ Definition, DefinitionSubstitutions }: Record<string, unknown>): Record<string, unknown> => {
  const values = isObject(DefinitionSubstitutions) ? DefinitionSubstitutions : {};
  const text = JSON.stringify(Definition).replace(/\$\{(\w+)\}/g, (_, name: string) => evaluate(values[name]));
  return JSON.parse(text);
};

const faultsOf = (definition: unknown): string => {
  const { isValid, errorsText } = validate(structuredClone(definition));
  return isValid ? '' : errorsText('\n');
};

describe('the state machines of the template', () => {
  let template: Template;
  let definitions: [id: string, definition: Record<string, unknown>][];
  beforeAll(async () => {
    template = await templateOf(defaultVariant);
    const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
    definitions = machines.map(([id, machine]) => [id, definitionOf(machine)]);
  }, 120_000);

  it("keep to the grammar of Amazon's States Language", () => {
    expect(definitions.map(([id]) => id)).toContain('FilterImage');
    for (const [id, definition] of definitions) expect(faultsOf(definition), id).toBe('');
  });

  it('are below what CloudFormation takes', () => {
    // AWS::StepFunctions::StateMachine, DefinitionString: at most 1,048,576 characters.
    for (const [, definition] of definitions) expect(JSON.stringify(definition).length).toBeLessThan(1_000_000);
  });

  it('are found out where they are wrong', () => {
    const [, definition] = definitions[0] ?? ['', {}];
    expect(faultsOf({ ...definition, StartAt: 'Nowhere' })).toMatch(/Nowhere/);
    expect(faultsOf({ ...definition, States: { Only: { Type: 'Tusk', End: true } }, StartAt: 'Only' })).not.toBe('');
  });
});
