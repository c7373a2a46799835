import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueue } from '../core/ports.ts';
import { answered } from './answered.ts';

/** The work queue on SQS: a message is a job's id and nothing else. */
export const sqsWorkQueue = (client: SQSClient, queueUrl: string): WorkQueue => ({
  async send(jobId) {
    const MessageBody = JSON.stringify({ job: jobId });
    await answered('SQS to take a message', client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody })));
  },
});
