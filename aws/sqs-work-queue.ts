import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseJson } from '../core/parse-json.ts';
import type { WorkQueue } from '../core/ports.ts';
import { answered } from './answered.ts';

/** A message of the work queue, from its text: a job's id and nothing else. */
export const workMessage = z
  .string()
  .transform(parseJson)
  .pipe(z.strictObject({ job: z.string() }));

/** The work queue on SQS. */
export const sqsWorkQueue = (client: SQSClient, queueUrl: string): WorkQueue => ({
  async send(jobId) {
    const MessageBody = JSON.stringify({ job: jobId } satisfies z.output<typeof workMessage>);
    await answered('SQS to take a message', client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody })));
  },
});

/**
 * Lets a received message come again in so many seconds, instead of after the queue's visibility time-out, which has to
 * be longer than the longest job.
 */
export const postponeMessage = async (
  client: SQSClient,
  queueUrl: string,
  receiptHandle: string,
  seconds: number,
): Promise<void> => {
  const request = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: Math.ceil(seconds) };
  await answered('SQS to postpone a message', client.send(new ChangeMessageVisibilityCommand(request)));
};
