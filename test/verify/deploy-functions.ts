import assert from 'node:assert/strict';
import { GetFunctionConfigurationCommand, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { readJobFile } from '../../aws/job-file.ts';
import { at, isObject, type Template } from '../stack/support/template.ts';
import { account, prefix, type Stack } from './deploy-stack.ts';

/** The revision of each container's job definition that functions start. */
export type Revisions = Record<string, number>;

const logicalIds = {
  dispatch: 'DispatchLambdaFunction',
  process: 'ProcessLambdaFunction',
  settle: 'SettleLambdaFunction',
};
export type FunctionKey = keyof typeof logicalIds;

/** A function's environment as it was deployed, with every reference resolved. */
export const environmentOf = async ({ clients }: Stack, name: FunctionKey): Promise<Record<string, string>> => {
  const FunctionName = `${prefix}-${name}`;
  const { Environment } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  return Environment?.Variables ?? {};
};

/** What the template says of each function that the emulator keeps: sizes, handler, role. */
export const checkFunction = async (stack: Stack, template: Template, name: FunctionKey): Promise<string> => {
  const properties = template.Resources[logicalIds[name]]?.Properties;
  const FunctionName = `${prefix}-${name}`;
  const found = await stack.clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  for (const key of ['Handler', 'Runtime', 'MemorySize', 'Timeout', 'Description'] as const)
    assert.equal(found[key], at(properties, key), key);
  const roles = await stack.resources();
  const role = { dispatch: 'DispatchRole', process: 'ProcessRole', settle: 'SettleRole' }[name];
  assert.equal(found.Role, `arn:aws:iam::${account}:role/${roles.get(role)}`);
  const variables = at(properties, 'Environment', 'Variables');
  assert.ok(isObject(variables));
  assert.deepEqual(Object.keys(found.Environment?.Variables ?? {}).sort(), Object.keys(variables).sort());
  return `${found.MemorySize} MiB, ${found.Timeout} s`;
};

/** The variables that name other parts of the stack, and what a container may use. */
export const checkEnvironments = async (stack: Stack, revisions: Revisions): Promise<void> => {
  const { names, containers } = stack;
  const limits = await Promise.all(
    containers.map(async (container) => {
      const { timeoutSeconds, maxMemoryMiB: memoryMiB, diskMiB, vcpus } = await readJobFile(container);
      return [container, { timeoutSeconds, memoryMiB, diskMiB, vcpus }];
    }),
  );
  const everywhere = {
    POWERTOOLS_SERVICE_NAME: prefix,
    KADAM_INPUT_BUCKET: names.inputBucket,
    KADAM_OUTPUT_BUCKET: names.outputBucket,
    KADAM_JOBS_TABLE: names.table,
    KADAM_CONTAINERS: JSON.stringify(Object.fromEntries(limits)),
  };
  const definitions = containers.map((container) => [
    container,
    stack.arn('batch', `job-definition/${prefix}-${container}:${revisions[container]}`),
  ]);
  const starters = {
    ...everywhere,
    KADAM_WORK_QUEUE_URL: stack.queueUrl('work'),
    KADAM_STATE_MACHINE_ARN: stack.arn('states', `stateMachine:${names.stateMachine}`),
    KADAM_JOB_DEFINITIONS: JSON.stringify(Object.fromEntries(definitions)),
  };
  const expected = {
    dispatch: { ...starters, KADAM_UPLOADS_QUEUE_URL: stack.queueUrl('uploads'), KADAM_RECIPES: 'recipes' },
    process: starters,
    settle: everywhere,
  };
  for (const name of ['dispatch', 'process', 'settle'] as const) {
    const found = await environmentOf(stack, name);
    for (const [key, value] of Object.entries(expected[name])) assert.equal(found[key], value, `${name}: ${key}`);
    const unresolved = Object.entries(found).filter(([, value]) => /\$\{|\[object/.test(value));
    assert.deepEqual(unresolved, []);
  }
};

/** Each queue's mapping to its function: batches, partial failures, concurrency. */
export const checkMappings = async (stack: Stack): Promise<string> => {
  const { EventSourceMappings = [] } = await stack.clients.lambda.send(new ListEventSourceMappingsCommand({}));
  const found = EventSourceMappings.map((mapping) => ({
    from: mapping.EventSourceArn,
    to: mapping.FunctionArn,
    batchSize: mapping.BatchSize,
    responses: mapping.FunctionResponseTypes,
    concurrency: mapping.ScalingConfig?.MaximumConcurrency,
    state: mapping.State,
  }));
  const mapping = (queue: string, name: string, batchSize: number, concurrency: number) => ({
    ...{ from: stack.arn('sqs', `${prefix}-${queue}`), to: stack.arn('lambda', `function:${prefix}-${name}`) },
    ...{ batchSize, responses: ['ReportBatchItemFailures'], concurrency, state: 'Enabled' },
  });
  assert.deepEqual(found, [mapping('uploads', 'dispatch', 10, 10), mapping('work', 'process', 1, 50)]);
  return 'uploads -> dispatch, work -> process';
};
