import { placeholders } from '../support/references.ts';
import { roleStatements } from '../support/statements.ts';
import { at, isObject, listOf, resourcesOf, type Template } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

const submitJob = 'arn:aws:states:::batch:submitJob.sync';

const statesOf = (machine: unknown): [name: string, state: Record<string, unknown>][] => {
  const states = at(machine, 'Definition', 'States');
  return isObject(states)
    ? Object.entries(states)
        .flatMap(([name, state]) => (isObject(state) ? [[name, state] as const] : []))
        .map(([n, s]) => [n, s])
    : [];
};

const machines = (template: Template) => resourcesOf(template, 'AWS::StepFunctions::StateMachine');

/** The longest that the jobs of any container may take, every attempt of theirs at its time-out. */
const longestJobSeconds = (template: Template): number =>
  Math.max(
    ...resourcesOf(template, 'AWS::Batch::JobDefinition').map(
      ([, definition]) =>
        Number(at(definition, 'RetryStrategy', 'Attempts')) *
        Number(at(definition, 'Timeout', 'AttemptDurationSeconds')),
    ),
  );

export const workflowRules: Rule[] = [
  {
    name: 'tasks of jobs wait for every attempt of a job, and the whole waits for every task',
    faults: (template) =>
      machines(template).flatMap(([id, machine]) => {
        const tasks = statesOf(machine).filter(([, { Resource }]) => Resource === submitJob);
        const seconds = tasks.map(([, { TimeoutSeconds }]) => Number(TimeoutSeconds));
        const short = tasks.filter(([, { TimeoutSeconds }]) => !(Number(TimeoutSeconds) > longestJobSeconds(template)));
        const all = seconds.reduce((sum, one) => sum + one, 0);
        return [
          ...(tasks.length === 0 ? [`${id}: submits no job`] : []),
          ...short.map(([name]) => `${id}: '${name}' ends before its job`),
          ...(Number(at(machine, 'Definition', 'TimeoutSeconds')) > all ? [] : [`${id}: ends before its tasks`]),
        ];
      }),
    mutations: {
      'a task that ends early': change(
        'FilterImage',
        ['Definition', 'States', 'Filter on Spot', 'TimeoutSeconds'],
        86_400,
      ),
      'no time-out': change('FilterImage', ['Definition', 'TimeoutSeconds'], undefined),
      'longer jobs': change('FilterJobDefinition', ['Timeout', 'AttemptDurationSeconds'], 864_000),
    },
  },
  {
    name: 'every task has a time-out and is tried again',
    faults: (template) =>
      machines(template).flatMap(([id, machine]) =>
        statesOf(machine)
          .filter(([, { Type }]) => Type === 'Task')
          .filter(([, { TimeoutSeconds, Retry }]) => !(Number(TimeoutSeconds) > 0) || listOf(Retry).length === 0)
          .map(([name]) => `${id}: '${name}'`),
      ),
    mutations: {
      'no time-out': change('FilterImage', ['Definition', 'States', 'Settle the job', 'TimeoutSeconds'], undefined),
      'no retry': change('FilterImage', ['Definition', 'States', 'Filter on Spot', 'Retry'], undefined),
    },
  },
  {
    name: 'an execution that is stopped takes its job along',
    faults: (template) =>
      roleStatements(template).some(
        ({ owner, actions }) => owner === 'WorkflowRole' && actions.includes('batch:TerminateJob'),
      )
        ? []
        : ['WorkflowRole: jobs of stopped executions go on'],
    mutations: {
      orphans: (template) => {
        const text = JSON.stringify(template.Resources.WorkflowRole?.Properties).replace(
          'batch:TerminateJob',
          'batch:DescribeJobs',
        );
        change('WorkflowRole', ['Policies'], JSON.parse(text).Policies)(template);
      },
    },
  },
  {
    name: 'definitions get everything that they name, and nothing else',
    faults: (template) =>
      machines(template).flatMap(([id, { Definition, DefinitionSubstitutions }]) => {
        const named = new Set(placeholders(JSON.stringify(Definition)));
        const given = new Set(Object.keys(isObject(DefinitionSubstitutions) ? DefinitionSubstitutions : {}));
        return [...named.symmetricDifference(given)].map((name) => `${id}: ${name}`);
      }),
    mutations: {
      'one too few': change('FilterImage', ['DefinitionSubstitutions', 'SpotQueue'], undefined),
      'one too many': change('FilterImage', ['DefinitionSubstitutions', 'Other'], 'other'),
    },
  },
  {
    name: 'executions are logged without what pictures are called, and traced',
    faults: (template) =>
      machines(template)
        .filter(
          ([, { LoggingConfiguration: logging, TracingConfiguration: tracing }]) =>
            at(logging, 'Level') !== 'ALL' ||
            at(logging, 'IncludeExecutionData') !== false ||
            at(logging, 'Destinations', 0) === undefined ||
            at(tracing, 'Enabled') !== true,
        )
        .map(([id]) => `${id}: no logs, too much in them, or no traces`),
    mutations: {
      'no logs': change('FilterImage', ['LoggingConfiguration'], undefined),
      'too much': change('FilterImage', ['LoggingConfiguration', 'IncludeExecutionData'], true),
      'no traces': change('FilterImage', ['TracingConfiguration'], undefined),
    },
  },
  {
    name: 'functions are traced',
    faults: (template) =>
      resourcesOf(template, 'AWS::Lambda::Function')
        .filter(([, { TracingConfig }]) => at(TracingConfig, 'Mode') !== 'Active')
        .map(([id]) => `${id}: no traces`),
    mutations: { 'no traces': change('SettleLambdaFunction', ['TracingConfig'], undefined) },
  },
];
