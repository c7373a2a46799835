import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createStepFunctions } from '../../../../local/step-functions/create-step-functions.ts';
import { machine } from './start-step-functions.ts';

const create = (definition: unknown) =>
  createStepFunctions({ stateMachines: [{ name: 'tried', definition }], endpoint: 'http://127.0.0.1:1' });
const pass = { Type: 'Pass', End: true };
const invoke = (more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f' },
  End: true,
  ...more,
});

describe('createStepFunctions', () => {
  it.each<[string, unknown, string]>([
    ['no definition', 'text', 'no StartAt'],
    ['JSONata as a whole', machine({ A: pass }, { QueryLanguage: 'JSONata' }), 'QueryLanguage JSONata'],
    ['JSONata in a state', machine({ A: { ...pass, QueryLanguage: 'JSONata' } }), 'state A: QueryLanguage JSONata'],
    ['a start that is not there', { StartAt: 'B', States: { A: pass } }, 'MISSING_TRANSITION_TARGET'],
    ['a next state that is not there', machine({ A: { Type: 'Pass', Next: 'B' } }), 'MISSING_TRANSITION_TARGET'],
    ['a state of no known type', machine({ A: { Type: 'Sleep', End: true } }), 'SCHEMA_VALIDATION_FAILED'],
    [
      'a resource it does not know',
      machine({ A: invoke({ Resource: 'arn:aws:states:::sns:publish' }) }),
      'state A: Resource arn:aws:states:::sns:publish is not supported',
    ],
    [
      'a field that the integration does not know',
      machine({ A: invoke({ Parameters: { FunctionName: 'f', 'Payloda.$': '$' } }) }),
      'Parameters.Payloda is not supported by arn:aws:states:::lambda:invoke',
    ],
    [
      'branches',
      machine({ P: { Type: 'Parallel', End: true, Branches: [machine({ A: pass })] } }),
      'state P: Parallel states are not supported',
    ],
    ['a heartbeat', machine({ A: invoke({ HeartbeatSeconds: 5 }) }), 'HeartbeatSeconds is not supported'],
    ['a time-out from a path', machine({ A: invoke({ TimeoutSecondsPath: '$.t' }) }), 'TimeoutSecondsPath'],
    ['variables', machine({ A: { ...pass, Assign: { x: 1 } } }), 'Assign is not supported'],
    ['a result that would get lost', machine({ A: { ...pass, Result: false } }), 'Result must not be false'],
    [
      'a test that never matches',
      machine({
        A: { Type: 'Choice', Choices: [{ And: [{ Variable: '$.x', IsPresent: false }], Next: 'B' }], Default: 'B' },
        B: pass,
      }),
      'IsPresent: false never matches',
    ],
    [
      'the context’s state',
      machine({ A: { ...pass, Parameters: { 'n.$': '$$.State.Name' } } }),
      '$$.State of the context object',
    ],
    [
      'a function that loses backslashes',
      machine({ A: { ...pass, Parameters: { 'n.$': 'States.JsonToString($)' } } }),
      'States.JsonToString is not supported',
    ],
    [
      'iterations',
      machine({ M: { Type: 'Map', End: true, ItemProcessor: machine({ A: pass }) } }),
      'state M: Map states are not supported',
    ],
  ])('refuses %s', async (_name, definition, message) => {
    await expect(create(definition)).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(/^Expected a valid definition for the state machine tried/),
    });
    await expect(create(definition)).rejects.toThrow(message);
  });

  it('takes Kadam’s own state machines, and leaves the given definitions as they are', async () => {
    const file = new URL('../../../../statemachines/filter-image.asl.json', import.meta.url);
    const definition = JSON.parse(await readFile(file, 'utf8'));
    const before = structuredClone(definition);
    const service = await create(definition);
    await service.close();
    expect(definition).toEqual(before);
  });
});
