import { isDeepStrictEqual } from 'node:util';
import { functionName } from '../../../aws/deployment.ts';
import { jobsTableDefinition } from '../../../aws/jobs-table.ts';
import { at } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

const functions = [
  { id: 'DispatchLambdaFunction', name: 'dispatch' },
  { id: 'ProcessLambdaFunction', name: 'process' },
  { id: 'SettleLambdaFunction', name: 'settle' },
] as const;

const machineName = 'kadam-dev-filter-image';

export const agreementRules: Rule[] = [
  {
    name: 'functions are called what commands look for',
    faults: (template) =>
      functions
        .map(({ id, name }) => ({
          id,
          is: at(template.Resources[id]?.Properties, 'FunctionName'),
          expected: functionName('dev', name),
        }))
        .filter(({ is, expected }) => is !== expected)
        .map(({ id, is, expected }) => `${id}: is called ${is}, and looked for as ${expected}`),
    mutations: { 'another name': change('SettleLambdaFunction', ['FunctionName'], 'kadam-dev-settler') },
  },
  {
    name: 'the state machine is called what roles allow to start',
    faults: (template) =>
      at(template.Resources.FilterImage?.Properties, 'StateMachineName') === machineName
        ? []
        : ['FilterImage: has another name'],
    mutations: { 'another name': change('FilterImage', ['StateMachineName'], 'kadam-dev-filter') },
  },
  {
    name: 'the table has the keys and indexes that the code has',
    faults: (template) => {
      const table = template.Resources.JobsTable?.Properties;
      return Object.entries(jobsTableDefinition)
        .filter(([name, expected]) => !isDeepStrictEqual(at(table, name), expected))
        .map(([name, expected]) => `JobsTable.${name}: expected ${JSON.stringify(expected)}`);
    },
    mutations: {
      'another key': change('JobsTable', ['KeySchema', 0, 'AttributeName'], 'id'),
      'an index less': change('JobsTable', ['GlobalSecondaryIndexes', 1], undefined),
      'another projection': change('JobsTable', ['GlobalSecondaryIndexes', 0, 'Projection', 'ProjectionType'], 'ALL'),
    },
  },
];
