import { accountId, region } from '../names.ts';
import { formEncode } from './wire/form-encode.ts';

export type S3EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated';

/** One record of an S3 event notification, version 2.1 (S3 user guide, 'Event message structure'). */
export type S3EventRecord = {
  eventVersion: '2.1';
  eventSource: 'aws:s3';
  awsRegion: string;
  eventTime: string;
  eventName: S3EventName;
  userIdentity: { principalId: string };
  requestParameters: { sourceIPAddress: string };
  responseElements: { 'x-amz-request-id': string; 'x-amz-id-2': string };
  s3: {
    s3SchemaVersion: '1.0';
    configurationId: string;
    bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
    /** `key` is form-encoded. A removal has no size, and without a delete marker no eTag. */
    object: { key: string; size?: number; eTag?: string; versionId?: string; sequencer: string };
  };
};

/** The request that an event comes from. */
export type EventCause = { event: S3EventName; requestId: string; sourceIp: string };

export type EventSubject = {
  bucket: string;
  key: string;
  size?: number;
  etag?: string;
  versionId?: string;
  /** The store's counter, which never runs backwards, not even across restarts. */
  sequence: number;
};

/**
 * The record that tells of one change. Sequencers have one length (18 digits, as AWS's often have), because AWS's own
 * texts disagree on how to compare those of different lengths.
 */
export const s3EventRecord = (subject: EventSubject, cause: EventCause): S3EventRecord => {
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
