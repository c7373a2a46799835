import { setTimeout as delay } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { credentials, region } from '../names.ts';
import type { FunctionPool } from './create-pool.ts';
import { succeededMessages, toSqsEvent } from './sqs-event.ts';

/** An SQS event source mapping; ReportBatchItemFailures is always on. */
export type EventSource = {
  queue: string;
  queueUrl: string;
  endpoint: string;
  functionName: string;
  /** Messages at most in one invocation: 1 to 10, which is SQS's limit for one request. */
  batchSize: number;
  /** Invocations at once by this mapping. */
  maximumConcurrency: number;
};

/** SQS's limit for a long poll. */
const maxWaitSeconds = 20;
const retryMilliseconds = 1000;

/**
 * Polls a queue and invokes a function with what comes, until `close`. As many pollers as invocations may run at
 * once, each of which receives only what it runs next: no message waits here while its visibility time-out runs.
 */
export const startEventSource = (source: EventSource, pool: FunctionPool, log: (line: string) => void) => {
  const { queue, queueUrl: QueueUrl, endpoint, batchSize } = source;
  const client = new SQSClient({ endpoint, region, credentials });
  const stop = new AbortController();
  const concurrency = Math.min(source.maximumConcurrency, pool.maxConcurrency);

  const receive = async (): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: maxWaitSeconds,
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(command, { abortSignal: stop.signal });
    return Messages;
  };

  const deleteMessages = async (messages: readonly Message[]): Promise<void> => {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    for (const { Message } of Failed) log(`A message of ${queue} was not deleted and will come again: ${Message}`);
  };

  const runBatch = async (): Promise<void> => {
    const messages = await receive();
    if (messages.length === 0) return;
    const result = await pool.invoke(toSqsEvent(messages, queue));
    if (result.functionError !== undefined) {
      log(`${messages.length} messages of ${queue} will come again: ${result.payload}`);
      return;
    }
    const succeeded = succeededMessages(messages, result.payload);
    if (succeeded.length < messages.length) {
      log(`${messages.length - succeeded.length} of ${messages.length} messages of ${queue} will come again.`);
    }
    await deleteMessages(succeeded);
  };

  const poll = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await runBatch();
      } catch (error) {
        if (stop.signal.aborted) return;
        log(`Polling ${queue} failed, and goes on in ${retryMilliseconds} ms: ${error}`);
        // Rejects when stopped, which the loop sees by itself.
        await delay(retryMilliseconds, undefined, { signal: stop.signal }).catch(() => {});
      }
    }
  };

  const pollers = Array.from({ length: concurrency }, poll);
  return {
    /** Receives nothing more from now on. */
    stop: () => stop.abort(),
    /** Resolves when the last invocation's messages are deleted, or left to come again. */
    async close(): Promise<void> {
      stop.abort();
      await Promise.all(pollers);
      client.destroy();
    },
  };
};
