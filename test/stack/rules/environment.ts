import { readFileSync } from 'node:fs';
import { deploymentSettingNames } from '../../../aws/deployment.ts';
import { limitNames } from '../../../aws/settings.ts';
import { workerSettingNames } from '../../../aws/worker-ports.ts';
import { evaluate } from '../support/evaluate.ts';
import { at, isObject, listOf, resourcesOf, type Template } from '../support/template.ts';
import { change, type Rule } from './rule.ts';

const lists: Record<string, readonly string[]> = { deploymentSettingNames, limitNames, workerSettingNames };

/** The variables that a program asks `readSettings` for. */
const read = (file: string): Set<string> => {
  const source = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  const asked = /readSettings\([\s\S]*?,\s*(\[[^\]]*\]|\w+)\s*\)/.exec(source)?.[1];
  if (asked === undefined) throw new Error(`Expected a call of readSettings in ${file}.`);
  const spread = [...asked.matchAll(/(?:\.\.\.|^)(\w+)/g)].flatMap(([, name = '']) => {
    const names = lists[name];
    if (names === undefined) throw new Error(`Expected to know the list ${name} of ${file}.`);
    return names;
  });
  return new Set([...spread, ...[...asked.matchAll(/'(\w+)'/g)].map(([, name = '']) => name)]);
};

const functions = [
  { id: 'DispatchLambdaFunction', reads: read('functions/dispatch.ts') },
  { id: 'ProcessLambdaFunction', reads: read('functions/process.ts') },
  { id: 'SettleLambdaFunction', reads: read('functions/settle.ts') },
];
const container = read('containers/filter/main.ts');

/** What programs read without `readSettings`, and what others set for them. */
const readBySdk = new Map([
  ['AWS_REGION', 'by the SDK; Lambda sets it, Batch on EC2 does not'],
  ['NODE_ENV', 'by packages; job.yml sets it'],
]);
const setByOthers = new Map([
  ['AWS_BATCH_JOB_ID', 'Batch sets it'],
  ['AWS_BATCH_JOB_ATTEMPT', 'Batch sets it'],
  ['AWS_BATCH_JQ_NAME', 'Batch sets it'],
  ['KADAM_CONTAINER_FILTERS', 'the container has its own folder for a default'],
]);

const variablesOf = (template: Template, id: string): Record<string, unknown> => {
  const variables = at(template.Resources[id]?.Properties, 'Environment', 'Variables');
  return isObject(variables) ? variables : {};
};

const containerVariables = (definition: unknown): string[] =>
  listOf(at(definition, 'ContainerProperties', 'Environment')).map((entry) => String(at(entry, 'Name')));

/** Given to every function at once, because most of them read it. */
const common = (template: Template): Set<string> =>
  functions
    .map(({ id }) => new Set(Object.keys(variablesOf(template, id))))
    .reduce((all, names) => all.intersection(names));

const limitsIn = (template: Template): Record<string, unknown> => {
  const limits: unknown = JSON.parse(String(variablesOf(template, 'DispatchLambdaFunction').KADAM_CONTAINERS ?? '{}'));
  return isObject(limits) ? limits : {};
};

const environment = (id: string, name: string) => [id, ['Environment', 'Variables', name]] as const;

export const environmentRules: Rule[] = [
  {
    name: 'programs are given what they read',
    faults: (template) => [
      ...functions.flatMap(({ id, reads }) =>
        [...reads]
          .filter((name) => evaluate(variablesOf(template, id)[name]) === '')
          .map((name) => `${id} lacks ${name}`),
      ),
      ...resourcesOf(template, 'AWS::Batch::JobDefinition').flatMap(([id, definition]) =>
        [...container]
          .filter((name) => !setByOthers.has(name) && !containerVariables(definition).includes(name))
          .map((name) => `${id} lacks ${name}`),
      ),
    ],
    mutations: {
      'a function without': change(...environment('DispatchLambdaFunction', 'KADAM_RECIPES'), undefined),
      'a function with nothing in it': change(...environment('SettleLambdaFunction', 'KADAM_JOBS_TABLE'), ''),
      'a container without': change('FilterJobDefinition', ['ContainerProperties', 'Environment'], []),
    },
  },
  {
    name: 'programs are given nothing that nobody reads',
    faults: (template) => {
      const everyone = new Set([...functions.flatMap(({ reads }) => [...reads]), ...container]);
      const shared = common(template);
      return [
        ...functions.flatMap(({ id, reads }) =>
          Object.keys(variablesOf(template, id))
            .filter((name) => !(shared.has(name) ? everyone : reads).has(name))
            .map((name) => `${id} has ${name}`),
        ),
        ...resourcesOf(template, 'AWS::Batch::JobDefinition').flatMap(([id, definition]) =>
          containerVariables(definition)
            .filter((name) => !everyone.has(name) && !readBySdk.has(name))
            .map((name) => `${id} has ${name}`),
        ),
      ];
    },
    mutations: {
      'something of its own': change(...environment('SettleLambdaFunction', 'KADAM_RECIPES'), 'recipes'),
      'something unknown': change(...environment('DispatchLambdaFunction', 'KADAM_SPEED'), 'high'),
    },
  },
  {
    name: 'dispatch routes by what the function process has',
    faults: (template) => {
      const has = template.Resources.ProcessLambdaFunction?.Properties;
      const pairs = [
        ['KADAM_LAMBDA_TIMEOUT_SECONDS', at(has, 'Timeout')],
        ['KADAM_LAMBDA_MEMORY_MIB', at(has, 'MemorySize')],
        ['KADAM_LAMBDA_DISK_MIB', at(has, 'EphemeralStorage', 'Size')],
      ] as const;
      return functions.flatMap(({ id }) =>
        pairs
          .filter(([name, value]) => String(variablesOf(template, id)[name]) !== String(value))
          .map(([name, value]) => `${id}: ${name} is ${variablesOf(template, id)[name]}, where process has ${value}`),
      );
    },
    mutations: {
      'less memory': change('ProcessLambdaFunction', ['MemorySize'], 2048),
      'less time': change('ProcessLambdaFunction', ['Timeout'], 600),
      'less disk': change('ProcessLambdaFunction', ['EphemeralStorage'], undefined),
      'another belief': change(...environment('DispatchLambdaFunction', 'KADAM_LAMBDA_MEMORY_MIB'), '3008'),
    },
  },
  {
    name: 'dispatch routes by what jobs have, and knows the definition of each container',
    faults: (template) => {
      const limits = limitsIn(template);
      const jobs = evaluate(variablesOf(template, 'DispatchLambdaFunction').KADAM_JOB_DEFINITIONS);
      const definitions: unknown = JSON.parse(jobs === '' ? '{}' : jobs);
      const disk = Number(
        at(
          template.Resources.LaunchTemplate?.Properties,
          ...['LaunchTemplateData', 'BlockDeviceMappings', 0, 'Ebs', 'VolumeSize'],
        ),
      );
      const ids = new Set(resourcesOf(template, 'AWS::Batch::JobDefinition').map(([id]) => id));
      return [
        ...Object.entries(limits).flatMap(([name, limit]) => {
          const id = /^<(\w+?)(\.JobDefinitionArn)?>$/.exec(String(at(definitions, name)))?.[1] ?? '';
          const job = template.Resources[id]?.Properties;
          const needs = listOf(at(job, 'ContainerProperties', 'ResourceRequirements'));
          const amount = (type: string) =>
            Number(
              at(
                needs.find((need) => at(need, 'Type') === type),
                'Value',
              ),
            );
          const isRight =
            ids.delete(id) &&
            at(limit, 'timeoutSeconds') === at(job, 'Timeout', 'AttemptDurationSeconds') &&
            at(limit, 'vcpus') === amount('VCPU') &&
            Number(at(limit, 'memoryMiB')) >= amount('MEMORY') &&
            // The machine's own system takes some of its disk.
            Number(at(limit, 'diskMiB')) <= (disk - 20) * 1024;
          return isRight ? [] : [`${name}: dispatch believes ${JSON.stringify(limit)} of ${id || 'no definition'}`];
        }),
        ...[...ids].map((id) => `${id}: dispatch does not know it`),
      ];
    },
    mutations: {
      'a shorter job': change('FilterJobDefinition', ['Timeout', 'AttemptDurationSeconds'], 3600),
      'a smaller disk': change(
        'LaunchTemplate',
        ['LaunchTemplateData', 'BlockDeviceMappings', 0, 'Ebs', 'VolumeSize'],
        100,
      ),
      'an unknown container': change(...environment('DispatchLambdaFunction', 'KADAM_JOB_DEFINITIONS'), '{}'),
    },
  },
];
