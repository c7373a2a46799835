import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buildApp } from 'fauxqs';
import { ConfigurationError } from '../core/errors.ts';
// Inner files of the library, at its pinned version: its own start function listens on every network interface,
// whatever host it is given, and its package exports no store.
import { PersistenceManager } from '../node_modules/fauxqs/dist/persistence.js';
import { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../node_modules/fauxqs/dist/sns/snsStore.js';
import { type SqsQueue, SqsStore } from '../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { accountId, queueArn, region } from './names.ts';
import type { LocalService } from './service.ts';

export type QueueAttributes = {
  visibilityTimeoutSeconds?: number;
  /** Name of a queue that exists; goes with `maxReceiveCount`. */
  deadLetterQueue?: string;
  maxReceiveCount?: number;
};

export type SqsService = LocalService & {
  /** Creates a queue, or sets the attributes of the one that the data folder brought along. */
  createQueue(name: string, attributes?: QueueAttributes): Promise<{ url: string; arn: string }>;
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

/**
 * The library's SQLite persistence, but for one statement: making a message visible at once (ChangeMessageVisibility
 * with 0) writes null into a column that refuses it, and the message would be gone until the next start.
 */
class QueuePersistence extends PersistenceManager {
  readonly #connection: DatabaseSync;

  constructor(dataDir: string) {
    super(dataDir);
    this.#connection = new DatabaseSync(join(dataDir, 'fauxqs.db'));
  }

  override updateMessageReady(messageId: string): void {
    this.#connection
      .prepare('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?')
      .run(messageId);
  }

  override close(): void {
    this.#connection.close();
    super.close();
  }
}

const restore = (dataDir: string, sqsStore: SqsStore, snsStore: SnsStore): QueuePersistence => {
  mkdirSync(dataDir, { recursive: true });
  const persistence = new QueuePersistence(dataDir);
  // Loaded before it is wired: a queue that is stored again while loading would lose its messages.
  persistence.loadSqsAndSns(sqsStore, snsStore);
  sqsStore.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  return persistence;
};

const toSqsAttributes = (attributes: QueueAttributes): Record<string, string> => ({
  ...(attributes.visibilityTimeoutSeconds === undefined
    ? {}
    : { VisibilityTimeout: String(attributes.visibilityTimeoutSeconds) }),
  ...(attributes.deadLetterQueue === undefined
    ? {}
    : {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: queueArn(attributes.deadLetterQueue),
          maxReceiveCount: attributes.maxReceiveCount,
        }),
      }),
});

const unknownQueue = (name: string): ConfigurationError =>
  new ConfigurationError(`Expected an existing queue but received '${name}'. Create the queue first.`, {
    code: 'NoSuchQueue',
  });

/**
 * SQS on the library fauxqs, without a port of its own: requests reach its server from the gateway.
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

  return {
    handle(request, response) {
      // Some clients post to the queue's URL, the library answers on the root only.
      request.url = '/';
      response.on('close', () => {
        // A long poll whose client has gone would still take the next message, and hide it until its visibility
        // time-out: wake every poll, and those that are alive ask again.
        if (!response.writableFinished) for (const queue of stores.sqsStore.allQueues()) queue.cancelWaiters();
      });
      app.server.emit('request', request, response);
    },

    async createQueue(name, attributes = {}) {
      const { deadLetterQueue, maxReceiveCount } = attributes;
      if ((deadLetterQueue === undefined) !== (maxReceiveCount === undefined)) {
        throw new ConfigurationError(
          `Expected deadLetterQueue and maxReceiveCount together for queue '${name}' but received only one of them.`,
          { code: 'InvalidQueue' },
        );
      }
      if (deadLetterQueue !== undefined && stores.sqsStore.getQueueByName(deadLetterQueue) === undefined) {
        throw unknownQueue(deadLetterQueue);
      }
      const sqsAttributes = toSqsAttributes(attributes);
      const existing = stores.sqsStore.getQueueByName(name);
      existing?.setAttributes(sqsAttributes);
      const queue = existing ?? stores.sqsStore.createQueue(name, '', queueArn(name), sqsAttributes);
      return { url: queue.url, arn: queue.arn };
    },

    async send(queueName, body) {
      const queue = stores.sqsStore.getQueueByName(queueName);
      if (queue === undefined) throw unknownQueue(queueName);
      queue.enqueue(SqsStore.createMessage(body));
    },

    async close() {
      await app.close();
      persistence?.close();
    },
  };
};
