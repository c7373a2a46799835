import type { Message } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { queueArn, region } from '../names.ts';

/** A message as the event of an SQS event source carries it: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const toRecord = (message: Message, queue: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  // None of Kadam's messages has any.
  messageAttributes: {},
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn(queue),
  awsRegion: region,
});

export const toSqsEvent = (messages: readonly Message[], queue: string) => ({
  Records: messages.map((message) => toRecord(message, queue)),
});

const batchAnswer = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullish();

/**
 * The messages that a successful invocation has dealt with: all but those that its answer names. None if the answer
 * is malformed or names a message that is not in the batch. No answer, or none about failures, means all.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export const succeededMessages = (messages: readonly Message[], payload: string): readonly Message[] => {
  const answer = batchAnswer.safeParse(JSON.parse(payload));
  if (!answer.success) return [];
  const failed = new Set((answer.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if (![...failed].every((id) => known.has(id))) return [];
  return messages.filter(({ MessageId }) => MessageId !== undefined && !failed.has(MessageId));
};
