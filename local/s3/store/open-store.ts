import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createBodies } from './bodies.ts';
import { createBuckets } from './buckets.ts';
import { openDatabase } from './database.ts';
import type { Position } from './listing.ts';
import { createOutbox, type Notify } from './outbox.ts';
import { createUploads, type Upload, uploadSchema } from './uploads.ts';
import { type Version, versionSchema } from './version.ts';
import { createVersions } from './versions.ts';

export type Store = Awaited<ReturnType<typeof openStore>>;

/**
 * Opens the store in a folder: `index.db` (SQLite) says what there is, `bodies/` holds the bytes. A change is the
 * body written first, then one transaction; whatever a crash cut off before that transaction never was.
 * @throws ConfigurationError where another process uses the folder
 */
export const openStore = async (dataDir: string, notify?: Notify) => {
  await mkdir(dataDir, { recursive: true });
  const database = openDatabase(join(dataDir, 'index.db'));
  const bodies = createBodies(join(dataDir, 'bodies'));
  const recorded = database.prepare(
    `SELECT file AS name FROM parts
     UNION ALL SELECT json_extract(file.value, '$.name') FROM versions, json_each(versions.details, '$.files') AS file`,
  );
  await bodies.sweep(new Set(Array.from(recorded.iterate(), (row) => String(row.name))));

  const buckets = createBuckets(database);
  const outbox = createOutbox(database, notify);
  const scanObjects = database.prepare(
    'SELECT * FROM versions WHERE bucket = ? AND latest = 1 AND marker = 0 AND key >= ? ORDER BY key',
  );
  const scanVersions = database.prepare(
    `SELECT * FROM versions WHERE bucket = ?1 AND key >= ?2 AND (key > ?2 OR sequence < ?3)
     ORDER BY key, sequence DESC`,
  );
  const scanUploads = database.prepare(
    'SELECT * FROM uploads WHERE bucket = ?1 AND key >= ?2 AND (key > ?2 OR sequence > ?3) ORDER BY key, sequence',
  );
  outbox.wake();

  return {
    buckets,
    bodies,
    versions: createVersions(database, { buckets, bodies, outbox }),
    uploads: createUploads(database, bodies),

    /** The newest versions of a bucket that are no delete markers, by key. */
    *objects(bucket: string, from: Position): Iterable<Version> {
      for (const row of scanObjects.iterate(bucket, from.key)) yield versionSchema.parse(row);
    },

    /** All versions and delete markers of a bucket, by key, the newest of each first. */
    *allVersions(bucket: string, from: Position): Iterable<Version> {
      for (const row of scanVersions.iterate(bucket, from.key, from.after ?? Number.MAX_SAFE_INTEGER)) {
        yield versionSchema.parse(row);
      }
    },

    /** The multipart uploads of a bucket, by key, the oldest of each first. */
    *openUploads(bucket: string, from: Position): Iterable<Upload> {
      for (const row of scanUploads.iterate(bucket, from.key, from.after ?? 0)) yield uploadSchema.parse(row);
    },

    /** Resolves when every delivery and removal under way has ended and the files are closed. */
    async close(): Promise<void> {
      await outbox.close();
      await bodies.settle();
      database.close();
    },
  };
};
