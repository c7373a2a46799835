import {
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionArn, stateMachineArn } from '../../../../local/names.ts';
import { machine, startStepFunctions } from './start-step-functions.ts';

const passes = machine({ Only: { Type: 'Pass', Result: { is: 'made' }, End: true } }, { Comment: 'as it was written' });

let cloud: Awaited<ReturnType<typeof startStepFunctions>>;
beforeAll(async () => {
  cloud = await startStepFunctions({ definitions: { passes, other: passes } });
});
afterAll(() => cloud.close());

describe('state machines', () => {
  it('are listed, page by page', async () => {
    const first = await cloud.client.send(new ListStateMachinesCommand({ maxResults: 1 }));
    expect(first.stateMachines).toEqual([
      {
        name: 'passes',
        stateMachineArn: stateMachineArn('passes'),
        type: 'STANDARD',
        creationDate: expect.any(Date),
      },
    ]);
    const { nextToken } = first;
    const second = await cloud.client.send(new ListStateMachinesCommand({ maxResults: 1, nextToken }));
    expect(second.stateMachines?.map(({ name }) => name)).toEqual(['other']);
    expect(second.nextToken).toBeUndefined();
  });

  it('are described with their definition, by their ARN and by that of an execution', async () => {
    const { definition, ...described } = await cloud.client.send(
      new DescribeStateMachineCommand({ stateMachineArn: stateMachineArn('passes') }),
    );
    expect(JSON.parse(definition ?? '')).toEqual(passes);
    expect(described).toMatchObject({
      name: 'passes',
      status: 'ACTIVE',
      type: 'STANDARD',
      roleArn: expect.stringMatching(/^arn:aws:iam::/),
      creationDate: expect.any(Date),
    });

    const execution = await cloud.run('passes');
    const found = await cloud.client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn: execution.executionArn }),
    );
    expect(found).toMatchObject({
      name: 'passes',
      stateMachineArn: stateMachineArn('passes'),
      definition,
      updateDate: described.creationDate,
    });
  });

  it('and executions that are not there are refused by name', async () => {
    const machineOf = (arn: string) =>
      cloud.client.send(new DescribeStateMachineCommand({ stateMachineArn: arn })).catch(({ name }) => name);
    expect(await machineOf(stateMachineArn('none'))).toBe('StateMachineDoesNotExist');
    expect(await machineOf('passes')).toBe('InvalidArn');
    const command = new DescribeStateMachineForExecutionCommand({ executionArn: executionArn('passes', 'none') });
    await expect(cloud.client.send(command)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  });
});

describe('the history of an execution', () => {
  it('comes with its data, or without', async () => {
    const { executionArn: arn } = await cloud.run('passes', { key: 'a.jpg' });
    const historyOf = async (includeExecutionData?: boolean) =>
      (await cloud.client.send(new GetExecutionHistoryCommand({ executionArn: arn, includeExecutionData }))).events;
    const input = '{"key":"a.jpg"}';
    const inputDetails = { truncated: false };
    for (const events of [await historyOf(), await historyOf(true)]) {
      expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: 'Only', input, inputDetails });
      expect(events?.at(-1)?.executionSucceededEventDetails).toEqual({
        output: '{"is":"made"}',
        outputDetails: { truncated: false },
      });
    }
    const bare = await historyOf(false);
    expect(bare?.[1]?.stateEnteredEventDetails).toEqual({ name: 'Only' });
    expect(bare?.at(-1)?.executionSucceededEventDetails).toEqual({});
    expect(JSON.stringify(bare)).not.toContain('a.jpg');
  });
});

describe('an execution', () => {
  it('is described and listed with the members that AWS has', async () => {
    const { $metadata: _, ...execution } = await cloud.run('other', { key: 'a.jpg' });
    expect(execution).toMatchObject({
      inputDetails: { included: true },
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
    });
    const { executions } = await cloud.client.send(
      new ListExecutionsCommand({ stateMachineArn: stateMachineArn('other'), statusFilter: 'SUCCEEDED' }),
    );
    const { name, status, startDate, stopDate } = execution;
    expect(executions).toEqual([
      {
        ...{ name, status, startDate, stopDate, redriveCount: 0 },
        executionArn: execution.executionArn,
        stateMachineArn: stateMachineArn('other'),
      },
    ]);
  });
});
