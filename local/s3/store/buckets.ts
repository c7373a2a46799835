import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';

const bucketSchema = z.object({
  name: z.string(),
  /** Milliseconds since 1970. */
  created: z.number(),
  /** Null where versioning has never been enabled. */
  versioning: z.literal('Enabled').nullable(),
});
export type Bucket = z.infer<typeof bucketSchema>;

export type Buckets = ReturnType<typeof createBuckets>;

/** The buckets on record. */
export const createBuckets = (database: DatabaseSync) => {
  const select = database.prepare('SELECT * FROM buckets WHERE name = ?');
  const selectAll = database.prepare('SELECT * FROM buckets ORDER BY name');
  const insert = database.prepare('INSERT INTO buckets (name, created) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const enable = database.prepare("UPDATE buckets SET versioning = 'Enabled' WHERE name = ?");

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

    list: (): Bucket[] => selectAll.all().map((row) => bucketSchema.parse(row)),

    enableVersioning(name: string): void {
      enable.run(name);
    },
  };
};
