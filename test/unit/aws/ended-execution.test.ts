import { describe, expect, it } from 'vitest';
import { endedExecution } from '../../../aws/ended-execution.ts';

/** As the Step Functions developer guide shows it. */
const event = (detail: object = {}, more: object = {}) => ({
  version: '0',
  id: '315c1398-40ff-a850-213b-158f73e60175',
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  account: '012345678912',
  time: '2019-02-26T19:42:21Z',
  region: 'us-east-2',
  resources: ['arn:aws:states:us-east-2:012345678912:execution:kadam-dev-filter-image:a-jpg-1'],
  detail: {
    executionArn: 'arn:aws:states:us-east-2:012345678912:execution:kadam-dev-filter-image:a-jpg-1',
    stateMachineArn: 'arn:aws:states:us-east-2:012345678912:stateMachine:kadam-dev-filter-image',
    name: 'a-jpg-1',
    status: 'ABORTED',
    startDate: 1551225014968,
    stopDate: 1551225017576,
    input: '{"job":"0123","execution":2,"key":"a.jpg"}',
    inputDetails: { included: true },
    output: null,
    outputDetails: null,
    ...detail,
  },
  ...more,
});

describe('the event of an ended execution', () => {
  it.each([
    ['ABORTED', 'ExecutionAborted', 'was stopped'],
    ['TIMED_OUT', 'ExecutionTimedOut', 'timed out'],
    ['FAILED', 'ExecutionFailed', 'failed'],
  ])('that is %s says which job, which execution, and how it ended', (status, code, said) => {
    expect(endedExecution.parse(event({ status }))).toEqual({
      job: '0123',
      execution: 2,
      failure: {
        Error: code,
        Cause: `Expected execution a-jpg-1 to bring the job to its end but it ${said}. Have the upload reprocessed where it is wanted after all.`,
      },
    });
  });

  it.each([
    [{ error: 'Cancelled', cause: 'by a person' }, '(Cancelled: by a person)'],
    [{ error: 'States.Runtime', cause: null }, '(States.Runtime)'],
  ])('says why, where somebody told: %j', (told, words) => {
    expect(endedExecution.parse(event(told)).failure?.Cause).toContain(words);
  });

  it.each([
    ['of an execution that ended well', event({ status: 'SUCCEEDED' })],
    ['of one that runs', event({ status: 'RUNNING' })],
    ['without its input', event({ input: null, inputDetails: { included: false } })],
    ['with an input that is no JSON', event({ input: '{"job":' })],
    ['with an input of something else', event({ input: '{"job":1}' })],
    ['of another kind', event({}, { 'detail-type': 'Batch Job State Change' })],
    ['of another source', event({}, { source: 'kadam' })],
    ['that is none', { job: '0123' }],
  ])('%s is refused', (_name, wrong) => {
    expect(endedExecution.safeParse(wrong).success).toBe(false);
  });
});
