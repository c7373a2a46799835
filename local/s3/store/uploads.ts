import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import { checksumAlgorithm, checksumSchema } from '../wire/checksums.ts';
import type { Bodies } from './bodies.ts';
import { nextSequence, transaction } from './database.ts';
import { detailsSchema, json } from './version.ts';

const uploadDetailsSchema = detailsSchema.omit({ files: true, checksum: true }).extend({
  /** What its completed object's checksum will be, where the client has asked for one. */
  checksum: z.strictObject({ algorithm: checksumAlgorithm, type: checksumSchema.shape.type }).optional(),
});
export type UploadDetails = z.infer<typeof uploadDetailsSchema>;

export const uploadSchema = z.object({
  sequence: z.number(),
  id: z.string(),
  bucket: z.string(),
  key: z.string(),
  /** Milliseconds since 1970. */
  initiated: z.number(),
  details: json(uploadDetailsSchema),
});
export type Upload = z.infer<typeof uploadSchema>;

const partSchema = z.object({
  number: z.number(),
  file: z.string(),
  size: z.number(),
  etag: z.string(),
  modified: z.number(),
  checksum: json(checksumSchema).nullable(),
});
export type Part = z.infer<typeof partSchema>;

export type Uploads = ReturnType<typeof createUploads>;

/** The multipart uploads under way, and their parts. */
export const createUploads = (database: DatabaseSync, bodies: Bodies) => {
  const insert = database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?)');
  const select = database.prepare('SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?');
  const remove = database.prepare('DELETE FROM uploads WHERE id = ?');
  const putPart = database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)');
  const selectParts = database.prepare('SELECT * FROM parts WHERE upload = ? ORDER BY number');
  const selectPart = database.prepare('SELECT file, size FROM parts WHERE upload = ? AND number = ?');

  /** @throws S3Error NoSuchUpload */
  const require = (bucket: string, key: string, id: string): Upload => {
    const row = select.get(id, bucket, key);
    if (!row) throw new S3Error('NoSuchUpload');
    return uploadSchema.parse(row);
  };
  const parts = (upload: Upload): Part[] => selectParts.all(upload.id).map((row) => partSchema.parse(row));

  return {
    require,
    parts,

    create(bucket: string, key: string, details: UploadDetails): Upload {
      const id = randomBytes(48).toString('base64url');
      const initiated = Math.floor(Date.now() / 1000) * 1000;
      const sequence = transaction(database, () => {
        const next = nextSequence(database);
        insert.run(next, id, bucket, key, initiated, JSON.stringify(details));
        return next;
      });
      return { sequence, id, bucket, key, initiated, details };
    },

    /** Puts a part on record in place of an earlier one of its number, unless the upload has ended meanwhile. */
    putPart(upload: Upload, part: Omit<Part, 'modified'>): Part {
      require(upload.bucket, upload.key, upload.id);
      const former = selectPart.get(upload.id, part.number);
      const checksum = part.checksum && JSON.stringify(part.checksum);
      const modified = Math.floor(Date.now() / 1000) * 1000;
      putPart.run(upload.id, part.number, part.file, part.size, part.etag, modified, checksum);
      if (former) bodies.discard([{ name: String(former.file), size: Number(former.size) }]);
      return { ...part, modified };
    },

    /** Takes an upload and its parts off the record; what becomes of the files is the caller's. */
    forget(upload: Upload): void {
      remove.run(upload.id);
    },
  };
};
