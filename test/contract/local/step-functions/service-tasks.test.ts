import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeService, machine, startStepFunctions } from './start-step-functions.ts';

const task = (resource: string, Parameters: object, more: object = {}) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::${resource}`,
  Parameters,
  End: true,
  ...more,
});
const retry = (error: string) => ({ Retry: [{ ErrorEquals: [error], IntervalSeconds: 1, MaxAttempts: 2 }] });
const invoke = { FunctionName: 'settle', Payload: { 'key.$': '$.key' } };

let cloud: Awaited<ReturnType<typeof startStepFunctions>>;
let requests: { path: string; body: unknown }[];
let answers: ReturnType<FakeService>[];
beforeAll(async () => {
  cloud = await startStepFunctions({
    fake(path, body) {
      requests.push({ path, body });
      return answers.shift() ?? { body: {} };
    },
    definitions: {
      invoke: machine({ Call: task('lambda:invoke', invoke) }),
      throttled: machine({ Call: task('lambda:invoke', invoke, retry('Lambda.TooManyRequestsException')) }),
      failing: machine({
        Call: task('lambda:invoke', invoke, {
          Catch: [{ ErrorEquals: ['CapacityError'], ResultPath: '$.failure', Next: 'Note' }],
        }),
        Note: { Type: 'Pass', End: true },
      }),
      submit: machine({
        Submit: task('batch:submitJob.sync', { JobName: 'x', JobQueue: 'jobs', JobDefinition: 'none' }),
      }),
      large: machine({ Call: task('lambda:invoke', { FunctionName: 'f', Payload: {} }) }),
    },
  });
});
beforeEach(() => {
  requests = [];
  answers = [];
});
afterAll(() => cloud.close());

describe('lambda:invoke', () => {
  it('sends the evaluated payload and answers with the function’s', async () => {
    answers = [{ headers: { 'x-amz-executed-version': '$LATEST' }, body: { settled: true } }];
    const execution = await cloud.run('invoke', { key: 'a b.jpg' });
    expect(requests).toEqual([{ path: '/2015-03-31/functions/settle/invocations', body: { key: 'a b.jpg' } }]);
    expect(JSON.parse(execution.output ?? '')).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { settled: true },
      StatusCode: 200,
    });
  });

  it('is retried by the state machine and by nobody else', async () => {
    const throttled = {
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException' },
      body: { message: 'Rate exceeded' },
    };
    answers = [throttled, throttled, { body: 'well' }];
    const execution = await cloud.run('throttled', { key: 'x' });
    expect(JSON.parse(execution.output ?? '')).toMatchObject({ Payload: 'well' });
    expect(requests).toHaveLength(3);

    answers = [throttled, throttled, throttled];
    expect(await cloud.run('throttled', { key: 'x' })).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.TooManyRequestsException',
      cause: expect.stringContaining('Rate exceeded (Service: Lambda; Status Code: 429'),
    });
  });

  it('names an error of the function by its type, with its JSON as the cause', async () => {
    const error = { errorType: 'CapacityError', errorMessage: 'too "large"', trace: [] };
    answers = [{ headers: { 'x-amz-function-error': 'Unhandled' }, body: error }];
    const execution = await cloud.run('failing', { key: 'x' });
    expect(JSON.parse(execution.output ?? '')).toEqual({
      key: 'x',
      failure: { Error: 'CapacityError', Cause: JSON.stringify(error) },
    });
  });

  it('fails for good when the answer is over 256 KiB', async () => {
    answers = [{ body: 'x'.repeat(300 * 1024) }];
    expect(await cloud.run('large')).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});
