import {
  CreateActivityCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionArn, stateMachineArn } from '../../../../local/names.ts';
import { machine, startStepFunctions } from './start-step-functions.ts';

const choose = machine({
  Choose: {
    Type: 'Choice',
    Choices: [
      { Not: { Variable: '$.size', IsPresent: true }, Next: 'Unknown' },
      { Variable: '$.size', NumericGreaterThan: 10, Next: 'Large' },
    ],
    Default: 'Small',
  },
  Large: { Type: 'Pass', Result: { is: 'large' }, ResultPath: '$.found', Next: 'Done' },
  Small: { Type: 'Pass', Result: { is: 'small' }, ResultPath: '$', Next: 'Done' },
  Unknown: { Type: 'Fail', Error: 'NoSize', Cause: 'there is no size' },
  Done: { Type: 'Succeed' },
});
const waits = machine({ Wait: { Type: 'Wait', Seconds: 3600, End: true } });

let cloud: Awaited<ReturnType<typeof startStepFunctions>>;
beforeAll(async () => {
  cloud = await startStepFunctions({
    definitions: {
      choose,
      waits,
    },
  });
});
afterAll(() => cloud.close());

describe('an execution', () => {
  it.each([
    [{ size: 11 }, { status: 'SUCCEEDED', output: '{"size":11,"found":{"is":"large"}}' }],
    [{ size: 10 }, { status: 'SUCCEEDED', output: '{"is":"small"}' }],
    [{}, { status: 'FAILED', error: 'NoSize', cause: 'there is no size' }],
  ])('with the input %j chooses its way', async (input, expected) => {
    const execution = await cloud.run('choose', input);
    expect(execution).toMatchObject({ ...expected, input: JSON.stringify(input) });
    expect(execution.stopDate?.getTime()).toBeGreaterThanOrEqual(execution.startDate?.getTime() ?? Infinity);
  });

  it('has a history with AWS’s types and a chain of ids', async () => {
    const { executionArn = '' } = await cloud.run('choose', { size: 11 });
    const events = await cloud.history(executionArn);
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 1, 'ChoiceStateEntered'],
      [3, 2, 'ChoiceStateExited'],
      [4, 3, 'PassStateEntered'],
      [5, 4, 'PassStateExited'],
      [6, 5, 'SucceedStateEntered'],
      [7, 6, 'SucceedStateExited'],
      [8, 7, 'ExecutionSucceeded'],
    ]);
    expect(events[0]).toMatchObject({ executionStartedEventDetails: { input: '{"size":11}' } });
    expect(events[4]).toMatchObject({
      stateExitedEventDetails: { name: 'Large', output: '{"size":11,"found":{"is":"large"}}' },
    });
    expect(events[0]?.timestamp).toBeInstanceOf(Date);

    const paged: (number | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await cloud.client.send(
        new GetExecutionHistoryCommand({ executionArn, maxResults: 3, reverseOrder: true, nextToken }),
      );
      paged.push(...(page.events ?? []).map(({ id }) => id));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(paged).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('has the event of its failure in its history', async () => {
    const { executionArn: failed = '' } = await cloud.run('choose', {});
    expect((await cloud.history(failed)).at(-1)).toMatchObject({
      type: 'ExecutionFailed',
      executionFailedEventDetails: { error: 'NoSize', cause: 'there is no size' },
    });
  });

  it('that is stopped is ABORTED, once', async () => {
    const arn = await cloud.start('waits');
    const first = await cloud.client.send(new StopExecutionCommand({ executionArn: arn, error: 'E', cause: 'C' }));
    const again = await cloud.client.send(new StopExecutionCommand({ executionArn: arn, error: 'F' }));
    expect(again.stopDate).toEqual(first.stopDate);
    expect(await cloud.end(arn)).toMatchObject({ status: 'ABORTED', error: 'E', cause: 'C' });
    expect((await cloud.history(arn)).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { error: 'E', cause: 'C' },
    });
  });
});

describe('StartExecution', () => {
  const start = (fields: { name?: string; input?: string; stateMachineArn?: string }) =>
    cloud.client.send(new StartExecutionCommand({ stateMachineArn: stateMachineArn('waits'), ...fields }));

  it('with the same name and input while it runs is the same execution, else it exists already', async () => {
    const first = await start({ name: 'same', input: '{"a":1}' });
    expect(first.executionArn).toBe(executionArn('waits', 'same'));
    expect(await start({ name: 'same', input: '{"a":1}' })).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    await expect(start({ name: 'same', input: '{"a":2}' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await cloud.client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(start({ name: 'same', input: '{"a":1}' })).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it.each([
    ['InvalidName', { name: 'x'.repeat(81) }],
    ['InvalidName', { name: 'a b' }],
    ['InvalidName', { name: 'a/b' }],
    ['InvalidName', { name: 'a:b' }],
    ['InvalidName', { name: 'tab\t' }],
    ['InvalidExecutionInput', { input: '{' }],
    ['InvalidExecutionInput', { input: JSON.stringify('x'.repeat(256 * 1024)) }],
    ['StateMachineDoesNotExist', { stateMachineArn: stateMachineArn('none') }],
  ])('refuses with %s: %j', async (name, fields) => {
    await expect(start(fields)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  it('takes a name of 80 characters and any that AWS takes', async () => {
    for (const name of ['x'.repeat(80), 'a.jpg-(1)_é=+@!', '..']) {
      const { executionArn: arn } = await start({ name });
      await cloud.client.send(new StopExecutionCommand({ executionArn: arn }));
    }
  });
});

describe('lists and descriptions', () => {
  it('list executions newest first, by status, page by page', async () => {
    const first = await cloud.start('waits', {}, 'listed-1');
    const second = await cloud.start('waits', {}, 'listed-2');
    const list = (more: object) =>
      cloud.client.send(new ListExecutionsCommand({ stateMachineArn: stateMachineArn('waits'), ...more }));
    const page = await list({ statusFilter: 'RUNNING', maxResults: 1 });
    expect(page.executions).toMatchObject([{ executionArn: second, status: 'RUNNING', name: 'listed-2' }]);
    // One that comes in between shifts nothing.
    const third = await cloud.start('waits', {}, 'listed-3');
    const rest = await list({ statusFilter: 'RUNNING', maxResults: 1, nextToken: page.nextToken });
    expect(rest.executions).toMatchObject([{ executionArn: first }]);
    expect(rest.nextToken).toBeUndefined();
    await expect(list({ nextToken: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidToken' });
    for (const arn of [first, second, third]) {
      await cloud.client.send(new StopExecutionCommand({ executionArn: arn }));
    }
    expect((await list({ statusFilter: 'RUNNING' })).executions).toEqual([]);
  });

  it('refuse what is not there', async () => {
    await expect(cloud.describe(executionArn('waits', 'none'))).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
    for (const arn of ['none', stateMachineArn('waits')]) {
      await expect(cloud.describe(arn)).rejects.toMatchObject({ name: 'InvalidArn' });
    }
    const command = new CreateActivityCommand({ name: 'x' });
    await expect(cloud.client.send(command)).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'CreateActivity is not supported',
    });
  });
});
