import { describe, expect, it } from 'vitest';
import { uploadsOf } from '../../../aws/s3-event.ts';
import { ConfigurationError } from '../../../core/errors.ts';

const record = (object: Record<string, unknown>, changes: Record<string, unknown> = {}) => ({
  eventVersion: '2.3',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { s3SchemaVersion: '1.0', bucket: { name: 'in' }, object: { size: 5, eTag: 'abc', sequencer: '01', ...object } },
  ...changes,
});
const message = (...records: unknown[]) => JSON.stringify({ Records: records });

describe('uploadsOf', () => {
  it('reads every record, with its key decoded once and its ETag in quotes', () => {
    const uploads = uploadsOf(message(record({ key: 'a+b%2B%C3%A9%25.jpg', versionId: 'v1' }), record({ key: 'c' })));
    expect(uploads).toEqual([
      { bucket: 'in', key: 'a b+é%.jpg', versionId: 'v1', etag: '"abc"', sequencer: '01', bytes: 5 },
      { bucket: 'in', key: 'c', versionId: undefined, etag: '"abc"', sequencer: '01', bytes: 5 },
    ]);
  });

  it.each([
    ['a test event', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'in' })],
    ['no records', message()],
    ['a folder that a console made', message(record({ key: 'holiday/', size: 0 }))],
    ['a deletion', message(record({ key: 'a' }, { eventName: 'ObjectRemoved:DeleteMarkerCreated' }))],
  ])('acknowledges %s', (_name, body) => {
    expect(uploadsOf(body)).toEqual([]);
  });

  it('takes later minor versions with fields it does not know', () => {
    expect(uploadsOf(message(record({ key: 'a', fresh: true }, { eventVersion: '2.99' })))).toHaveLength(1);
  });

  it.each([
    ['no JSON', 'hello'],
    ['JSON of another shape', '{"a":1}'],
    ['another major version', message(record({ key: 'a' }, { eventVersion: '3.0' }))],
    ['a key that is not form-encoded', message(record({ key: '%E0%A4%A' }))],
    ['an empty key', message(record({ key: '' }))],
  ])('refuses %s', (_name, body) => {
    expect(() => uploadsOf(body)).toThrow(ConfigurationError);
  });

  describe('from EventBridge, for a bucket that was there before', () => {
    const event = (object: Record<string, unknown>, detail: Record<string, unknown> = {}) =>
      JSON.stringify({
        version: '0',
        id: 'e1',
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: '123456789012',
        detail: {
          version: '0',
          bucket: { name: 'photos' },
          object: { size: 5, etag: 'abc', sequencer: '01', ...object },
          reason: 'PutObject',
          ...detail,
        },
      });

    it('reads the upload, with its key as it is', () => {
      expect(uploadsOf(event({ key: 'a+b %2B é.jpg', 'version-id': 'v1' }))).toEqual([
        { bucket: 'photos', key: 'a+b %2B é.jpg', versionId: 'v1', etag: '"abc"', sequencer: '01', bytes: 5 },
      ]);
    });

    it('acknowledges a folder that a console made', () => {
      expect(uploadsOf(event({ key: 'holiday/', size: 0 }))).toEqual([]);
    });

    it.each([
      ['another version of the detail', event({ key: 'a' }, { version: '1' })],
      ['no ETag', event({ key: 'a', etag: undefined })],
    ])('refuses %s', (_name, body) => {
      expect(() => uploadsOf(body)).toThrow(ConfigurationError);
    });
  });
});
