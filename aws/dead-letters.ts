import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { parseJson } from '../core/parse-json.ts';
import { answered } from './answered.ts';

/** One message that was received too often: `sentAt` (epoch milliseconds) is when it came into the queue it died in. */
export type DeadLetter = { id: string; body: string; sentAt: number };

/** The dead letters of one queue. Every method throws DependencyError where SQS fails. */
export type DeadLetters = {
  /** How many there are, about: SQS counts no better. */
  count(): Promise<number>;
  /**
   * Some of them, at most `limit`. SQS knows no look without a receive: those that are looked at are hidden from others for
   * some seconds, and their receive counts grow, which nothing acts on in a queue of dead letters.
   */
  look(limit: number): Promise<DeadLetter[]>;
  /**
   * Sends all of them back to the queue they came from, and answers some at a time what has been sent. Each is deleted
   * only after it was sent: what breaks off in between leaves letters that come twice, and loses none. Those that die
   * again meanwhile are left.
   */
  redrive(): AsyncGenerator<DeadLetter[], void, void>;
};

/** The most messages that SQS hands out at once. */
const batchSize = 10;
/** A wait, however short, has SQS ask all of its servers; without one it may answer 'none' while there are some. */
const waitSeconds = 1;
/** How long a letter is hidden that was looked at: longer than to look at the others. */
const lookSeconds = 5;
/** How long one is hidden that was received to be sent back: longer than that takes. */
const sendSeconds = 60;

const redrivePolicy = z.looseObject({ deadLetterTargetArn: z.string() });

/** A letter, and the handle of its receipt. */
type Received = { letter: DeadLetter; receipt: string };

const receivedOf = ({ MessageId, Body, ReceiptHandle, Attributes }: Message): Received => ({
  letter: { id: MessageId ?? '', body: Body ?? '', sentAt: Number(Attributes?.SentTimestamp) },
  receipt: ReceiptHandle ?? '',
});

/** The dead letters of the queue at this URL. Throws ConfigurationError `NoDeadLetters` where it keeps none. */
export const openDeadLetters = async (client: SQSClient, queueUrl: string): Promise<DeadLetters> => {
  const deadUrl = await deadLettersUrl(client, queueUrl);

  const receive = async (hiddenSeconds: number): Promise<Received[]> => {
    const request = {
      QueueUrl: deadUrl,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: hiddenSeconds,
      MessageSystemAttributeNames: ['SentTimestamp' as const],
    };
    const answer = await answered('SQS to hand out dead letters', client.send(new ReceiveMessageCommand(request)));
    return (answer?.Messages ?? []).map(receivedOf);
  };

  /** Sends one letter back and answers its new id. */
  const sendBack = async ({ letter, receipt }: Received): Promise<string | undefined> => {
    const send = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: letter.body });
    const sent = await answered('SQS to take a message back', client.send(send));
    const forget = new DeleteMessageCommand({ QueueUrl: deadUrl, ReceiptHandle: receipt });
    await answered('SQS to delete a dead letter', client.send(forget));
    return sent?.MessageId;
  };

  return {
    async count() {
      const { ApproximateNumberOfMessages } = await attributesOf(client, deadUrl, 'ApproximateNumberOfMessages');
      return Number(ApproximateNumberOfMessages);
    },

    async look(limit) {
      const seen = new Map<string, DeadLetter>();
      while (seen.size < limit) {
        const fresh = (await receive(lookSeconds)).filter(({ letter }) => !seen.has(letter.id));
        if (fresh.length === 0) break;
        for (const { letter } of fresh) seen.set(letter.id, letter);
      }
      return [...seen.values()].slice(0, limit);
    },

    async *redrive() {
      const sent = new Set<string | undefined>();
      for (;;) {
        // A letter keeps its id when it dies: what was sent may be here again.
        const fresh = (await receive(sendSeconds)).filter(({ letter }) => !sent.has(letter.id));
        if (fresh.length === 0) return;
        const results = await Promise.allSettled(fresh.map(sendBack));
        const failed = results.find((result) => result.status === 'rejected');
        if (failed) throw failed.reason;
        for (const result of results) if (result.status === 'fulfilled') sent.add(result.value);
        yield fresh.map(({ letter }) => letter);
      }
    },
  };
};

const attributesOf = async <Name extends 'RedrivePolicy' | 'ApproximateNumberOfMessages'>(
  client: SQSClient,
  QueueUrl: string,
  name: Name,
): Promise<Partial<Record<Name, string>>> => {
  const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] });
  const answer = await answered(`SQS to describe ${QueueUrl}`, client.send(request));
  return answer?.Attributes ?? {};
};

const deadLettersUrl = async (client: SQSClient, queueUrl: string): Promise<string> => {
  const { RedrivePolicy } = await attributesOf(client, queueUrl, 'RedrivePolicy');
  const policy = redrivePolicy.safeParse(parseJson(RedrivePolicy ?? ''));
  // arn:aws:sqs:REGION:ACCOUNT:NAME
  const QueueName = policy.data?.deadLetterTargetArn.split(':').at(-1);
  if (QueueName !== undefined) {
    const asked = client.send(new GetQueueUrlCommand({ QueueName }));
    const found = await answered(`SQS to find the queue ${QueueName}`, asked);
    if (found?.QueueUrl !== undefined) return found.QueueUrl;
  }
  throw new ConfigurationError(
    `Expected a queue that keeps dead letters but received ${queueUrl}, which has no redrive policy. Deploy it anew.`,
    { code: 'NoDeadLetters' },
  );
};
