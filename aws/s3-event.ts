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
/** What EventBridge tells of an upload to a bucket that was there before Kadam; its keys are as they are. */
const ruleEvent = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.looseObject({
    version: z.string(),
    bucket: z.looseObject({ name: z.string().min(1) }),
    object: z.looseObject({
      key: z.string().min(1),
      size: z.number().int().nonnegative(),
      etag: z.string(),
      'version-id': z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});

const eventMessage = z.union([
  z.looseObject({ Records: z.array(eventRecord) }),
  z.looseObject({ Event: z.literal('s3:TestEvent') }),
  ruleEvent,
]);

/** S3 form-encodes keys in events: a space is a plus. */
const decodeKey = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw notAnS3Event(`a key that is not form-encoded: ${key}`);
  }
};

/** Events carry the bare ETag, every other answer of S3 has it in quotes. */
const quoted = (etag: string): string => `"${etag.replaceAll('"', '')}"`;

const uploadOfRecord = ({
  eventVersion,
  eventName,
  s3: { bucket, object },
}: z.output<typeof eventRecord>): Upload[] => {
  if (!eventVersion.startsWith('2.')) throw notAnS3Event(`event version ${eventVersion}`);
  if (!eventName.startsWith('ObjectCreated:')) return [];
  const key = decodeKey(object.key);
  if (object.size === undefined) throw notAnS3Event(`no size for ${key}`);
  if (isFolder(key, object.size)) return [];
  const { versionId, eTag = '', sequencer, size } = object;
  return [{ bucket: bucket.name, key, versionId: versionIdOf(versionId), etag: quoted(eTag), sequencer, bytes: size }];
};

const uploadOfRule = ({ version, bucket, object }: z.output<typeof ruleEvent>['detail']): Upload[] => {
  if (version !== '0') throw notAnS3Event(`an event of EventBridge whose detail has version ${version}`);
  const { key, size, etag, sequencer } = object;
  if (isFolder(key, size)) return [];
  const versionId = versionIdOf(object['version-id']);
  return [{ bucket: bucket.name, key, versionId, etag: quoted(etag), sequencer, bytes: size }];
};

/**
 * The uploads that an S3 event announces, whether the bucket sent it itself or EventBridge did: none for a test event, a
 * deletion, or one of the empty objects whose keys end in a slash, by which consoles and clients show folders.
 * Throws ConfigurationError `NotAnS3Event`: whatever else comes out of the queue was not sent by the input bucket.
 */
export const uploadsOf = (body: string): Upload[] => {
  const message = eventMessage.safeParse(parseJson(body));
  if (!message.success) throw notAnS3Event(body.slice(0, 200));
  const event = message.data;
  // The union's members are loose objects, of which TypeScript cannot tell one from another by a property.
  const rule = ruleEvent.safeParse(event);
  if (rule.success) return uploadOfRule(rule.data.detail);
  return 'Records' in event ? z.array(eventRecord).parse(event.Records).flatMap(uploadOfRecord) : [];
};

const notAnS3Event = (received: string): ConfigurationError =>
  new ConfigurationError(
    `Expected an S3 event notification of version 2.x for the uploads queue but received ${received}. ` +
      'Check who else may send to this queue.',
    { code: 'NotAnS3Event' },
  );
