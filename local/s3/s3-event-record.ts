import { accountId, region } from '../names.ts';
import { formEncode } from './wire/form-encode.ts';

export type S3EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated';

/** The request that an event comes from. */
export type EventCause = { event: S3EventName; requestId: string; sourceIp: string };

/** What has changed. A removal has no size, and without a delete marker no ETag. */
export type EventSubject = {
  bucket: string;
  key: string;
  size?: number;
  etag?: string;
  versionId?: string;
  /** The store's counter, which never runs backwards, not even across restarts. */
  sequence: number;
};

/** One record of an S3 event notification, version 2.1 (S3 user guide, 'Event message structure'). */
export type S3EventRecord = ReturnType<typeof s3EventRecord>;

/**
 * The record that tells of one change; its key is form-encoded. Sequencers have one length (18 digits, as AWS's often
 * have), because AWS's own texts disagree on how to compare those of different lengths.
 */
export const s3EventRecord = (subject: EventSubject, cause: EventCause) => {
  const { bucket, key, size, etag, versionId, sequence } = subject;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date().toISOString(),
    eventName: cause.event,
    userIdentity: { principalId: accountId },
    requestParameters: { sourceIPAddress: cause.sourceIp },
    responseElements: { 'x-amz-request-id': cause.requestId, 'x-amz-id-2': cause.requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'kadam',
      bucket: { name: bucket, ownerIdentity: { principalId: accountId }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: formEncode(key),
        ...(size !== undefined && { size }),
        ...(etag !== undefined && { eTag: etag }),
        ...(versionId !== undefined && { versionId }),
        sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
      },
    },
  };
};
