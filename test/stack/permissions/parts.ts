import { evaluate, idOf } from '../support/evaluate.ts';
import { at, isObject, listOf, resourcesOf, type Template } from '../support/template.ts';
import type { Call } from './calls.ts';
import { needs, type On } from './needs.ts';

/** `action on resource`, the resource as `evaluate` writes it. */
export type Permission = string;

const arn = (service: string, rest: string): string => `arn:aws:${service}:us-east-1:123456789012:${rest}`;
const machine = 'kadam-dev-filter-image';

/** How the template names what a call is about. */
const resourceOf = (on: On, template: Template): string => {
  const variables = at(template.Resources.DispatchLambdaFunction?.Properties, 'Environment', 'Variables');
  const bucket = `arn:aws:s3:::${evaluate(at(variables, 'KADAM_INPUT_BUCKET'))}`;
  const prefix = template.Resources.InputBucket === undefined ? 'camera/' : '';
  const resources: Record<On, string> = {
    pictures: `${bucket}/${prefix}*`,
    'input bucket': bucket,
    outputs: '<OutputBucket.Arn>/*',
    'output bucket': '<OutputBucket.Arn>',
    table: '<JobsTable.Arn>',
    'work queue': '<WorkQueue.Arn>',
    'state machine': arn('states', `stateMachine:${machine}`),
    executions: arn('states', `execution:${machine}:*`),
    'event bus': arn('events', 'event-bus/default'),
  };
  return resources[on];
};

const permissions = (actions: readonly string[], resource: string): Permission[] =>
  actions.map((action) => `${action} on ${resource}`);

/** What the calls of a program ask for. Throws for a command that nobody has written into the table of needs. */
export const neededBy = (calls: readonly Call[], template: Template): Permission[] =>
  calls.flatMap(({ file, command }) => {
    const known = needs[file]?.[command];
    if (known === undefined) throw new Error(`Expected ${command} of ${file} in test/stack/permissions/needs.ts.`);
    return known.flatMap(({ actions, on }) => permissions(actions, resourceOf(on, template)));
  });

const traces = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** What Lambda does in a function's name: it writes logs and traces, polls the queue, and keeps what failed. */
export const neededByLambda = (functionId: string, template: Template): Permission[] => {
  const properties = template.Resources[functionId]?.Properties;
  const group = `log-group:/aws/lambda/${evaluate(properties?.FunctionName)}:*`;
  const isOf = (resource: Record<string, unknown>): boolean => idOf(resource.FunctionName) === functionId;
  return [
    ...permissions(['logs:CreateLogStream', 'logs:PutLogEvents'], arn('logs', group)),
    ...(at(properties, 'TracingConfig', 'Mode') === 'Active' ? permissions(traces, '*') : []),
    ...resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
      .filter(([, mapping]) => isOf(mapping))
      .flatMap(([, { EventSourceArn }]) =>
        // Lambda Developer Guide, 'Using Lambda with Amazon SQS', execution role permissions.
        permissions(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], evaluate(EventSourceArn)),
      ),
    ...resourcesOf(template, 'AWS::Lambda::EventInvokeConfig')
      .filter(([, config]) => isOf(config))
      .flatMap(([, config]) =>
        permissions(['sqs:SendMessage'], evaluate(at(config, 'DestinationConfig', 'OnFailure', 'Destination'))),
      ),
  ];
};

/** What pulls the image of a job and opens its log. ECR hands out one token for the whole registry. */
export const neededByAgent = (): Permission[] => [
  ...permissions(['ecr:GetAuthorizationToken'], '*'),
  ...permissions(
    ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'],
    arn('ecr', 'repository/kadam/dev/*'),
  ),
  ...permissions(['logs:CreateLogStream', 'logs:PutLogEvents'], '<BatchLogs.Arn>'),
];

/** With a key of one's own: S3 and SQS encrypt and decrypt in the name of who reads and writes. */
export const neededForKey = (template: Template): Permission[] => {
  const key = evaluate(template.Resources.WorkQueue?.Properties.KmsMasterKeyId);
  return key.startsWith('arn:') ? permissions(['kms:Decrypt', 'kms:GenerateDataKey'], key) : [];
};

const logDelivery = ['Create', 'Get', 'Update', 'Delete'].map((verb) => `logs:${verb}LogDelivery`);

/** What the tasks of a state machine ask for, and its logs and traces (Step Functions Developer Guide). */
export const neededByWorkflow = (id: string, template: Template): Permission[] => {
  const properties = template.Resources[id]?.Properties ?? {};
  const states = at(properties, 'Definition', 'States');
  const tasks = Object.values(isObject(states) ? states : {}).filter((state) => at(state, 'Type') === 'Task');
  const named = (text: unknown): string =>
    evaluate(at(properties, 'DefinitionSubstitutions', /^\$\{(\w+)\}$/.exec(String(text))?.[1] ?? ''));
  const jobDefinitions = resourcesOf(template, 'AWS::Batch::JobDefinition').flatMap(([, { JobDefinitionName: name }]) =>
    ['', ':*'].map((revision) => arn('batch', `job-definition/${evaluate(name)}${revision}`)),
  );
  const ofTask: Record<string, (parameters: unknown) => Permission[]> = {
    'arn:aws:states:::lambda:invoke': (parameters) =>
      permissions(['lambda:InvokeFunction'], named(at(parameters, 'FunctionName'))),
    'arn:aws:states:::batch:submitJob.sync': (parameters) => [
      ...permissions(['batch:SubmitJob'], named(at(parameters, 'JobQueue'))),
      ...jobDefinitions.flatMap((resource) => permissions(['batch:SubmitJob'], resource)),
      ...permissions(['batch:DescribeJobs'], '*'),
      ...permissions(['batch:TerminateJob'], arn('batch', 'job/*')),
      ...permissions(
        ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
        arn('events', 'rule/StepFunctionsGetEventsForBatchJobsRule'),
      ),
      ...(at(parameters, 'Tags') === undefined ? [] : permissions(['batch:TagResource'], arn('batch', 'job/*'))),
    ],
  };
  return [
    ...tasks.flatMap((task) => {
      const resource = String(at(task, 'Resource'));
      const known = ofTask[resource];
      if (known === undefined) throw new Error(`Expected to know what ${resource} asks for.`);
      return known(at(task, 'Parameters'));
    }),
    ...(listOf(at(properties, 'LoggingConfiguration', 'Destinations')).length > 0
      ? permissions(
          [...logDelivery, 'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies'].concat(
            'logs:DescribeLogGroups',
          ),
          '*',
        )
      : []),
    ...(at(properties, 'TracingConfiguration', 'Enabled') === true
      ? permissions([...traces, 'xray:GetSamplingRules', 'xray:GetSamplingTargets'], '*')
      : []),
  ];
};
