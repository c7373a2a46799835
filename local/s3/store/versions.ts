import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { S3Error } from '../s3-error.ts';
import type { EventCause } from '../s3-event-record.ts';
import { checkWriteCondition, type WriteCondition } from '../wire/conditions.ts';
import type { Tags } from '../wire/tags.ts';
import type { Bodies, BodyFile } from './bodies.ts';
import type { Buckets } from './buckets.ts';
import { nextSequence, transaction } from './database.ts';
import type { Outbox } from './outbox.ts';
import { type Version, type VersionDetails, versionSchema } from './version.ts';

/** An object that is about to be written; its body is on the disk. */
export type VersionDraft = { bucket: string; key: string; size: number; etag: string; details: VersionDetails };

export type Versions = ReturnType<typeof createVersions>;

const noDetails: VersionDetails = { headers: {}, metadata: {}, files: [] };

/**
 * The versions on record. Every change is one synchronous transaction over condition, records and event: of two
 * conditional writes to one key exactly one wins, and an event is on record if and only if its change is.
 */
export const createVersions = (database: DatabaseSync, deps: { buckets: Buckets; bodies: Bodies; outbox: Outbox }) => {
  const { buckets, bodies, outbox } = deps;
  const selectLatest = database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND latest = 1');
  const selectById = database.prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND id = ?');
  const insert = database.prepare(
    `INSERT INTO versions (sequence, bucket, key, id, latest, marker, modified, size, etag, details)
     VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)`,
  );
  const demote = database.prepare('UPDATE versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1');
  const promote = database.prepare(
    `UPDATE versions SET latest = 1 WHERE sequence =
     (SELECT sequence FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1)`,
  );
  const remove = database.prepare('DELETE FROM versions WHERE sequence = ?');
  const describe = database.prepare('UPDATE versions SET details = ? WHERE sequence = ?');

  const find = (bucket: string, key: string, id?: string): Version | undefined => {
    const row = id === undefined ? selectLatest.get(bucket, key) : selectById.get(bucket, key, id);
    return row && versionSchema.parse(row);
  };

  const check = (bucket: string, key: string, condition: WriteCondition): void => {
    const current = find(bucket, key);
    checkWriteCondition(current?.marker ? undefined : current, condition);
  };

  /** Writes a version as the newest and returns it, and the files of the version that it replaces. */
  const add = (draft: VersionDraft, marker: boolean): { version: Version; replaced: BodyFile[] } => {
    const { bucket, key, size, etag, details } = draft;
    const id = buckets.require(bucket).versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
    const former = find(bucket, key, id);
    if (former) remove.run(former.sequence);
    demote.run(bucket, key);
    const sequence = nextSequence(database);
    const modified = Math.floor(Date.now() / 1000) * 1000;
    insert.run(sequence, bucket, key, id, marker ? 1 : 0, modified, size, etag, JSON.stringify(details));
    const version = { ...draft, sequence, id, latest: true, marker, modified };
    return { version, replaced: former?.details.files ?? [] };
  };

  /** Makes a change whole or not at all, and then removes the files that it leaves behind and tells of its event. */
  const change = <T extends Version | undefined>(run: () => { version: T; replaced: BodyFile[] }): T => {
    const { version, replaced } = transaction(database, run);
    bodies.discard(replaced);
    outbox.wake();
    return version;
  };

  /** The id to tell a client: none where the bucket has never been versioned. */
  const visibleId = (version: Version): string | undefined =>
    buckets.require(version.bucket).versioning === null ? undefined : version.id;

  return {
    find,
    visibleId,

    /**
     * Finds what a GET or HEAD of a key, or of one version of it, means.
     * @throws S3Error NoSuchBucket, NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker by its id
     */
    require(bucket: string, key: string, id?: string): Version {
      buckets.require(bucket);
      const version = find(bucket, key, id);
      if (!version) throw new S3Error(id === undefined ? 'NoSuchKey' : 'NoSuchVersion');
      if (version.marker) {
        const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.id };
        if (id === undefined) throw new S3Error('NoSuchKey', { headers });
        throw new S3Error('MethodNotAllowed', {
          headers: { ...headers, allow: 'DELETE', 'last-modified': new Date(version.modified).toUTCString() },
        });
      }
      return version;
    },

    /** Holds a write's condition against the newest version, to refuse an upload before its bytes are taken. */
    check,

    /**
     * Makes a draft the newest version, if its condition holds. `alongside` runs in the same transaction.
     * @throws S3Error PreconditionFailed, NoSuchKey; then nothing has changed
     */
    put(draft: VersionDraft, condition: WriteCondition, cause: EventCause, alongside = () => {}): Version {
      return change(() => {
        check(draft.bucket, draft.key, condition);
        const added = add(draft, false);
        outbox.add({ ...added.version, versionId: visibleId(added.version) }, cause);
        alongside();
        return added;
      });
    },

    /** Replaces the tags of a version. Neither its date nor anything else of it changes. */
    setTags({ sequence, details }: Version, tags: Tags): void {
      describe.run(JSON.stringify({ ...details, tags }), sequence);
    },

    /**
     * Deletes one version for good, or, without an id in a bucket that is or was versioned, adds a delete marker.
     * What does not exist is deleted already.
     * @returns the version that is gone or the marker that is new; undefined where nothing has changed
     */
    remove(
      target: { bucket: string; key: string; id?: string; ifMatch?: string },
      cause: Omit<EventCause, 'event'>,
    ): Version | undefined {
      const { bucket, key, ifMatch } = target;
      const { versioning } = buckets.require(bucket);
      const isFinal = target.id !== undefined || versioning === null;
      return change<Version | undefined>(() => {
        check(bucket, key, { ifMatch });
        if (!isFinal) {
          const draft = { bucket, key, size: 0, etag: 'd41d8cd98f00b204e9800998ecf8427e', details: noDetails };
          const added = add(draft, true);
          const subject = { ...added.version, size: undefined, versionId: added.version.id };
          outbox.add(subject, { ...cause, event: 'ObjectRemoved:DeleteMarkerCreated' });
          return added;
        }
        const version = find(bucket, key, target.id ?? 'null');
        if (!version) return { version, replaced: [] };
        remove.run(version.sequence);
        if (version.latest) promote.run(bucket, key);
        const subject = { bucket, key, versionId: visibleId(version), sequence: nextSequence(database) };
        outbox.add(subject, { ...cause, event: 'ObjectRemoved:Delete' });
        return { version, replaced: version.details.files };
      });
    },
  };
};
