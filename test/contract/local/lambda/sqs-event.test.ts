import { describe, expect, it } from 'vitest';
import { succeededMessages } from '../../../../local/lambda/sqs-event.ts';

const messages = [{ MessageId: 'a' }, { MessageId: 'b' }];
const all = ['a', 'b'];

describe('succeededMessages', () => {
  it.each([
    ['null', all],
    ['{}', all],
    ['{"batchItemFailures":null}', all],
    ['{"batchItemFailures":[]}', all],
    ['{"statusCode":200}', all],
    ['{"batchItemFailures":[{"itemIdentifier":"a"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}', ['b']],
    ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"c"}]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":""}]}', []],
    ['{"batchItemFailures":[{"itemIdentifier":null}]}', []],
    ['{"batchItemFailures":[{"id":"a"}]}', []],
    ['{"batchItemFailures":"a"}', []],
    ['"done"', []],
    ['7', []],
  ])('of the answer %s', (payload, expected) => {
    expect(succeededMessages(messages, payload).map(({ MessageId }) => MessageId)).toEqual(expected);
  });
});
