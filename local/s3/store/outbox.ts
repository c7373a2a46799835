import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { type EventCause, type EventSubject, type S3EventRecord, s3EventRecord } from '../s3-event-record.ts';

export type Notify = (bucket: string, record: S3EventRecord) => Promise<void> | void;

export type Outbox = ReturnType<typeof createOutbox>;

const retryMs = 500;

const rowSchema = z.object({ sequence: z.number(), bucket: z.string(), record: z.string() });

/**
 * Events on their way to `notify`, in the order of their changes. Each is written in the transaction of its change and
 * removed when `notify` has taken it, so none is lost: a failure is logged and tried again, also after a restart. A
 * crash between the two delivers one twice, as S3 itself may.
 */
export const createOutbox = (database: DatabaseSync, notify?: Notify) => {
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?)');
  const selectNext = database.prepare('SELECT * FROM events ORDER BY sequence LIMIT 1');
  const remove = database.prepare('DELETE FROM events WHERE sequence = ?');
  const closing = new AbortController();
  let isDelivering = false;
  let delivery: Promise<void> | undefined;

  const deliver = async (send: Notify): Promise<void> => {
    isDelivering = true;
    for (let next = selectNext.get(); next && !closing.signal.aborted; next = selectNext.get()) {
      const { sequence, bucket, record } = rowSchema.parse(next);
      try {
        await send(bucket, JSON.parse(record));
        remove.run(sequence);
      } catch (error) {
        console.error(`S3: an event of bucket ${bucket} was not taken; next try in ${retryMs} ms.`, error);
        // Rejects when closed, which the loop sees by itself.
        await delay(retryMs, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
    isDelivering = false;
  };

  return {
    /** Starts delivering what there is. Called after every commit. */
    wake(): void {
      if (notify && !isDelivering) delivery = deliver(notify);
    },

    /** Puts an event on record, within the transaction of its change. */
    add(subject: EventSubject, cause: EventCause): void {
      if (notify) insert.run(subject.sequence, subject.bucket, JSON.stringify(s3EventRecord(subject, cause)));
    },

    /** Starts no more deliveries and resolves when the one under way has ended. */
    async close(): Promise<void> {
      closing.abort();
      await delivery;
    },
  };
};
