import * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import type { Upload } from '../core/jobs/upload.ts';
import { parseJson } from '../core/parse-json.ts';
import { isFolder, versionIdOf } from './s3-objects.ts';

/** The part of an S3 event that Kadam reads; AWS adds fields within a major version, so others are let through. */
const eventRecord = z.looseObject({
  eventVersion: z.string(),
  eventName: z.string(),
  s3: z.looseObject({
    bucket: z.looseObject({ name: z.string().min(1) }),
    object: z.looseObject({
      key: z.string().min(1),
      size: z.number().int().nonnegative().optional(),
      eTag: z.string().optional(),
      versionId: z.string().nullish(),
      sequencer: z.string().optional(),
    }),
  }),
});
const eventMessage = z.union([
  z.looseObject({ Records: z.array(eventRecord) }),
  z.looseObject({ Event: z.literal('s3:TestEvent') }),
]);

/** S3 form-encodes keys in events: a space is a plus. */
const decodeKey = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw notAnS3Event(`a key that is not form-encoded: ${key}`);
  }
};

/**
 * The uploads that an S3 event notification announces: none for a test event, a deletion, or one of the empty objects
 * whose keys end in a slash, by which consoles and clients show folders.
 * Throws ConfigurationError `NotAnS3Event`: whatever else comes out of the queue was not sent by the input bucket.
 */
export const uploadsOf = (body: string): Upload[] => {
  const message = eventMessage.safeParse(parseJson(body));
  if (!message.success) throw notAnS3Event(body.slice(0, 200));
  if (!('Records' in message.data)) return [];
  return z
    .array(eventRecord)
    .parse(message.data.Records)
    .flatMap((record) => {
      if (!record.eventVersion.startsWith('2.')) throw notAnS3Event(`event version ${record.eventVersion}`);
      if (!record.eventName.startsWith('ObjectCreated:')) return [];
      const { bucket, object } = record.s3;
      const key = decodeKey(object.key);
      if (object.size === undefined) throw notAnS3Event(`no size for ${key}`);
      if (isFolder(key, object.size)) return [];
      return [
        {
          bucket: bucket.name,
          key,
          versionId: versionIdOf(object.versionId),
          // Events carry the bare ETag, every other answer of S3 has it in quotes.
          etag: `"${(object.eTag ?? '').replaceAll('"', '')}"`,
          sequencer: object.sequencer,
          bytes: object.size,
        },
      ];
    });
};

const notAnS3Event = (received: string): ConfigurationError =>
  new ConfigurationError(
    `Expected an S3 event notification of version 2.x for the uploads queue but received ${received}. ` +
      'Check who else may send to this queue.',
    { code: 'NotAnS3Event' },
  );
