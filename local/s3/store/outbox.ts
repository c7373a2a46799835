import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { type EventCause, type EventSubject, type S3EventRecord, s3EventRecord } from '../s3-event-record.ts';

export type Notify = (bucket: string, record: S3EventRecord) => Promise<void> | void;

export type Outbox = ReturnType<typeof createOutbox>;

const atOnce = 16;
const firstRetryMs = 100;
const lastRetryMs = 10_000;

const rowSchema = z.object({ sequence: z.number(), bucket: z.string(), record: z.string(), attempts: z.number() });
type Row = z.infer<typeof rowSchema>;

/**
 * Events on their way to `notify`. Each is written in the transaction of its change and removed when `notify` has
 * taken it, so none is lost: a failure is logged and tried again (100 ms, doubling to 10 s), also after a restart. A
 * crash between the two delivers one twice, as S3 itself may.
 */
export const createOutbox = (database: DatabaseSync, notify?: Notify) => {
  const insert = database.prepare('INSERT INTO events (sequence, bucket, record) VALUES (?, ?, ?)');
  const selectDue = database.prepare(
    'SELECT sequence, bucket, record, attempts FROM events WHERE due <= ? ORDER BY due, sequence LIMIT ?',
  );
  const selectNext = database.prepare('SELECT min(due) AS due FROM events WHERE due > ?');
  const postpone = database.prepare('UPDATE events SET attempts = attempts + 1, due = ? WHERE sequence = ?');
  const remove = database.prepare('DELETE FROM events WHERE sequence = ?');
  const underWay = new Map<number, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const deliver = async (send: Notify, row: Row): Promise<void> => {
    try {
      await send(row.bucket, JSON.parse(row.record));
      remove.run(row.sequence);
    } catch (error) {
      const delay = Math.min(firstRetryMs * 2 ** row.attempts, lastRetryMs);
      postpone.run(Date.now() + delay, row.sequence);
      console.error(`S3: an event of bucket ${row.bucket} was not taken; next try in ${delay} ms.`, error);
    }
  };

  /** Starts what is due. Called after every commit and whenever a delivery ends. */
  const wake = (): void => {
    if (!notify || isClosed || underWay.size >= atOnce) return;
    clearTimeout(timer);
    const now = Date.now();
    for (const found of selectDue.all(now, atOnce + underWay.size)) {
      const row = rowSchema.parse(found);
      if (underWay.size < atOnce && !underWay.has(row.sequence)) {
        const delivery = deliver(notify, row).finally(() => {
          underWay.delete(row.sequence);
          wake();
        });
        underWay.set(row.sequence, delivery);
      }
    }
    const next = selectNext.get(now)?.due;
    if (typeof next === 'number') timer = setTimeout(wake, next - now);
  };

  return {
    wake,

    /** Puts an event on record, within the transaction of its change. */
    add(subject: EventSubject, cause: EventCause): void {
      if (notify) insert.run(subject.sequence, subject.bucket, JSON.stringify(s3EventRecord(subject, cause)));
    },

    /** Starts no more deliveries and resolves when those under way have ended. */
    async close(): Promise<void> {
      isClosed = true;
      clearTimeout(timer);
      await Promise.all(underWay.values());
    },
  };
};
