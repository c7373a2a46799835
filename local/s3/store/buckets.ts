import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';

const bucketSchema = z.object({
  name: z.string(),
  /** Milliseconds since 1970. */
  created: z.number(),
  /** Null where versioning has never been enabled. */
  versioning: z.enum(['Enabled', 'Suspended']).nullable(),
});
export type Bucket = z.infer<typeof bucketSchema>;

export type Buckets = ReturnType<typeof createBuckets>;

/** The buckets on record. */
export const createBuckets = (database: DatabaseSync) => {
  const select = database.prepare('SELECT * FROM buckets WHERE name = ?');
  const selectAll = database.prepare('SELECT * FROM buckets ORDER BY name');
  const insert = database.prepare('INSERT INTO buckets (name, created) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const selectVersion = database.prepare('SELECT 1 FROM versions WHERE bucket = ? LIMIT 1');
  const remove = database.prepare('DELETE FROM buckets WHERE name = ?');
  const update = database.prepare('UPDATE buckets SET versioning = ? WHERE name = ?');

  return {
    /** Creates a bucket. One that exists already is left as it is, as us-east-1 answers its owner. */
    create(name: string): void {
      if (!/^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]$/.test(name)) {
        throw new S3Error('InvalidBucketName');
      }
      insert.run(name, Date.now());
    },

    /** @throws S3Error NoSuchBucket */
    require(name: string): Bucket {
      const row = select.get(name);
      if (!row) throw new S3Error('NoSuchBucket');
      return bucketSchema.parse(row);
    },

    /** @throws S3Error BucketNotEmpty where there is a version or a delete marker */
    remove(name: string): void {
      if (selectVersion.get(name)) throw new S3Error('BucketNotEmpty', { details: { BucketName: name } });
      remove.run(name);
    },

    list: (): Bucket[] => selectAll.all().map((row) => bucketSchema.parse(row)),

    setVersioning(name: string, versioning: 'Enabled' | 'Suspended'): void {
      update.run(versioning, name);
    },
  };
};
