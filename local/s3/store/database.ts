import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError } from '../../../core/errors.ts';

const schemaVersion = 2;

/**
 * `sequence` counts every change of the store and never repeats; within a key the greater one is the newer version.
 * Text compares as UTF-8 bytes, which is the order in which S3 lists keys.
 */
const schema = `
  CREATE TABLE counter (value INTEGER NOT NULL) STRICT;
  INSERT INTO counter VALUES (0);
  CREATE TABLE buckets (name TEXT PRIMARY KEY, created INTEGER NOT NULL, versioning TEXT) STRICT;
  CREATE TABLE versions (
    sequence INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
    latest INTEGER NOT NULL, marker INTEGER NOT NULL, modified INTEGER NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, details TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX versions_by_id ON versions (bucket, key, id);
  CREATE UNIQUE INDEX versions_by_age ON versions (bucket, key, sequence DESC);
  CREATE UNIQUE INDEX versions_latest ON versions (bucket, key) WHERE latest = 1;
  CREATE TABLE uploads (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, bucket TEXT NOT NULL, key TEXT NOT NULL,
    initiated INTEGER NOT NULL, details TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX uploads_by_key ON uploads (bucket, key, sequence);
  CREATE TABLE parts (
    upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE, number INTEGER NOT NULL, file TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL, checksum TEXT,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE events (sequence INTEGER PRIMARY KEY, bucket TEXT NOT NULL, record TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * Opens the index of the store, alone: two processes on one folder would delete each other's bodies.
 * @throws ConfigurationError where another process has it, or another version of Kadam wrote it
 */
export const openDatabase = (file: string): DatabaseSync => {
  // Milliseconds that a process which is just ending may still hold the lock.
  const database = new DatabaseSync(file, { timeout: 500 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;');
    // Every commit reaches the disk before the client hears of it.
    database.exec('PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT;');
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) {
      transaction(database, () => database.exec(schema));
    } else if (version !== schemaVersion) {
      throw new Error(`Its schema has version ${version}, not ${schemaVersion}`);
    }
    return database;
  } catch (cause) {
    database.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `Expected ${file} to be an S3 store of this version of Kadam that nobody else uses but received '${reason}'. ` +
        'Stop the other process, or choose another data folder.',
      { code: 'DataFolderUnavailable', cause },
    );
  }
};

/** Runs a function's statements all or none. It must be synchronous, so that nothing comes in between. */
export const transaction = <T>(database: DatabaseSync, run: () => T): T => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

/** The next number of the store's counter, to be taken within a transaction. */
export const nextSequence = (database: DatabaseSync): number =>
  Number(database.prepare('UPDATE counter SET value = value + 1 RETURNING value').get()?.value);
