import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueue } from '../core/ports.ts';
import { answered } from './answered.ts';

/** The work queue on SQS: a message is a job's id and nothing else. */
export const sqsWorkQueue = (client: SQSClient, queueUrl: string): WorkQueue => ({
  async send(jobId) {
    const MessageBody = JSON.stringify({ job: jobId });
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
