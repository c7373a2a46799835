import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { buildApp } from 'fauxqs';
import { ConfigurationError } from '../core/errors.ts';
// Inner files of the library, at its pinned version: its own start function listens on every network interface,
// whatever host it is given, and its package exports no store.
import { PersistenceManager } from '../node_modules/fauxqs/dist/persistence.js';
import { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../node_modules/fauxqs/dist/sns/snsStore.js';
import { type SqsQueue, SqsStore } from '../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { ServiceError, serveSigned } from './json-protocol.ts';
import { accountId, queueArn, region } from './names.ts';
import { sendLibraryAnswer } from './send-library-answer.ts';
import type { LocalService } from './service.ts';

/** SQS's limit for a message or a batch of them is 1 MiB, which JSON may write six times as long. */
const maxRequestBytes = 8 * 1024 * 1024;

export type QueueAttributes = {
  visibilityTimeoutSeconds?: number;
  /** Where a message goes that was received too often: a queue that exists. */
  deadLetters?: { queue: string; maxReceiveCount: number };
};

export type SqsService = LocalService & {
  /** Creates a queue, or sets the attributes of the one that the data folder brought along. */
  createQueue(name: string, attributes?: QueueAttributes): { url: string; arn: string };
  /** Puts one message into a queue without a request of its own; S3 sends its events by it. */
  send(queueName: string, body: string): Promise<void>;
};

/** Queue URLs always lead through the gateway, also those of queues that were stored under another port. */
class GatewayQueueStore extends SqsStore {
  readonly #endpoint: string;

  constructor(endpoint: string) {
    super();
    this.#endpoint = endpoint;
  }

  override createQueue(
    name: string,
    _url: string,
    arn: string,
    attributes?: Record<string, string>,
    tags?: Record<string, string>,
  ): SqsQueue {
    return super.createQueue(name, `${this.#endpoint}/${accountId}/${name}`, arn, attributes, tags);
  }
}

const restore = (dataDir: string, sqsStore: SqsStore, snsStore: SnsStore): PersistenceManager => {
  mkdirSync(dataDir, { recursive: true });
  const persistence = new PersistenceManager(dataDir);
  // Whoever had received a message when the cloud stopped has stopped with it.
  const database = new DatabaseSync(join(dataDir, 'fauxqs.db'));
  database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  database.close();
  // Loaded before it is wired: a queue that is stored again while loading would lose its messages.
  persistence.loadSqsAndSns(sqsStore, snsStore);
  sqsStore.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  return persistence;
};

const toSqsAttributes = ({ visibilityTimeoutSeconds, deadLetters }: QueueAttributes): Record<string, string> => ({
  ...(visibilityTimeoutSeconds !== undefined && { VisibilityTimeout: String(visibilityTimeoutSeconds) }),
  ...(deadLetters && {
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: queueArn(deadLetters.queue),
      maxReceiveCount: deadLetters.maxReceiveCount,
    }),
  }),
});

/**
 * SQS on the library fauxqs, without a port of its own: requests reach it from the gateway, once their signatures are
 * verified, which it does not do itself.
 *
 * @param endpoint the gateway's, for the queue URLs.
 * @param dataDir keeps queues and messages over a restart; in memory without it.
 */
export const createSqs = async (options: { endpoint: string; dataDir?: string }): Promise<SqsService> => {
  const stores = {
    sqsStore: new GatewayQueueStore(options.endpoint),
    snsStore: new SnsStore(),
    s3Store: new S3Store(),
  };
  const persistence =
    options.dataDir === undefined ? undefined : restore(options.dataDir, stores.sqsStore, stores.snsStore);
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  await app.ready();
  let closing = false;

  const getQueue = (name: string): SqsQueue => {
    const queue = stores.sqsStore.getQueueByName(name);
    if (queue) return queue;
    throw new ConfigurationError(`Expected an existing queue but received '${name}'. Create the queue first.`, {
      code: 'NoSuchQueue',
    });
  };

  return {
    handle: serveSigned({ maxBytes: maxRequestBytes }, async ({ method, headers }, response, payload) => {
      const target = String(headers['x-amz-target']);
      if (method !== 'POST' || !target.startsWith('AmazonSQS.')) {
        throw new ServiceError(
          'InvalidAction',
          `Expected a POST with X-Amz-Target: AmazonSQS.* but received ${method} ${target}.`,
        );
      }
      if (closing) throw new ServiceError('ServiceUnavailable', 'The embedded cloud is stopping.', 503);
      if (response.destroyed) return;
      let isAnswered = false;
      const wakePolls = async (): Promise<void> => {
        // A long poll whose client has gone would still take the next message, and hide it until its visibility
        // time-out: wake every poll, and those that are alive ask again. It may just be about to begin.
        while (!isAnswered) {
          for (const queue of stores.sqsStore.allQueues()) queue.cancelWaiters();
          await setImmediate();
        }
      };
      response.once('close', () => void wakePolls());
      // Some clients post to the queue's URL, the library answers on the root only, where it answers as S3 and SNS too.
      const { authorization, host } = headers;
      const answer = await app
        .inject({
          ...{ method, url: '/', payload },
          headers: { authorization, host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
        })
        .finally(() => {
          isAnswered = true;
        });
      if (!response.destroyed) sendLibraryAnswer(response, answer);
    }),

    createQueue(name, attributes = {}) {
      if (attributes.deadLetters) getQueue(attributes.deadLetters.queue);
      const sqsAttributes = toSqsAttributes(attributes);
      const existing = stores.sqsStore.getQueueByName(name);
      existing?.setAttributes(sqsAttributes);
      const queue = existing ?? stores.sqsStore.createQueue(name, '', queueArn(name), sqsAttributes);
      return { url: queue.url, arn: queue.arn };
    },

    async send(queueName, body) {
      getQueue(queueName).enqueue(SqsStore.createMessage(body));
    },

    async close() {
      closing = true;
      await app.close();
      persistence?.close();
    },
  };
};
