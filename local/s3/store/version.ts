import * as z from 'zod';
import { checksumSchema } from '../wire/checksums.ts';
import { objectHeadersSchema } from '../wire/object-headers.ts';

/** What is kept of a version beside the columns that the database searches by. */
export const detailsSchema = objectHeadersSchema.extend({
  checksum: checksumSchema.optional(),
  /** A multipart object's files have the numbers of their parts. */
  files: z.array(z.strictObject({ name: z.string(), size: z.number(), part: z.number().optional() })),
});
export type VersionDetails = z.infer<typeof detailsSchema>;

const flag = z.number().transform((value) => value === 1);
export const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

/** One version of an object, or a delete marker, as it is on record. */
export const versionSchema = z.object({
  /** The store's counter when it was written: the greatest of a key is its newest. */
  sequence: z.number(),
  bucket: z.string(),
  key: z.string(),
  /** 'null' where the bucket was not versioned when it was written. */
  id: z.string(),
  latest: flag,
  marker: flag,
  /** Milliseconds since 1970, whole seconds, as HTTP dates have them. */
  modified: z.number(),
  /** Bytes. */
  size: z.number(),
  /** Without quotes. */
  etag: z.string(),
  details: json(detailsSchema),
});
export type Version = z.infer<typeof versionSchema>;
