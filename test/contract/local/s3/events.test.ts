import { rm } from 'node:fs/promises';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { S3EventRecord } from '../../../../local/s3/s3-event-record.ts';
import { nastyKeys } from '../../../verify/nasty-keys.ts';
import { bucket, failureOf, sendRaw, startS3, startS3ForTest } from './s3-harness.ts';

const key = 'holiday pictures/a+b (1) é.jpg';
const encodedKey = 'holiday+pictures/a%2Bb+%281%29+%C3%A9.jpg';

/** A receiver of events that fails as often as told before it takes one. */
function receiver(failures = 0) {
  const taken: S3EventRecord[] = [];
  let attempts = 0;
  return {
    taken,
    notify: async (from: string, record: S3EventRecord): Promise<void> => {
      expect(from).toBe(bucket);
      attempts++;
      if (attempts <= failures) {
        throw new Error('the queue is not there');
      }
      taken.push(record);
    },
  };
}

const nameAndKey = (record: S3EventRecord): string => `${record.eventName} ${record.s3.object.key}`;

describe('events', () => {
  it('tell of a new object as AWS does', async () => {
    const { taken, notify } = receiver();
    const { client } = await startS3ForTest({ notify, versioning: true });
    const put = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'four' }));
    await expect.poll(() => taken).toHaveLength(1);
    expect(taken[0]).toEqual({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: '000000000000' },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': put.$metadata.requestId, 'x-amz-id-2': expect.any(String) },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: expect.any(String),
        bucket: { name: bucket, ownerIdentity: { principalId: '000000000000' }, arn: `arn:aws:s3:::${bucket}` },
        object: {
          key: encodedKey,
          size: 4,
          eTag: put.ETag?.replaceAll('"', ''),
          versionId: put.VersionId,
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
      },
    });
    expect(decodeURIComponent(encodedKey.replace(/\+/g, ' '))).toBe(key);
  });

  it('are one for each change, whatever made it, and none for what was refused', async () => {
    const { taken, notify } = receiver();
    const { client } = await startS3ForTest({ notify });
    const target = { Bucket: bucket, Key: 'a' };
    await client.send(new PutObjectCommand({ ...target, Body: 'x' }));
    await failureOf(client.send(new PutObjectCommand({ ...target, Body: 'x', IfNoneMatch: '*' })));
    await failureOf(
      client.send(new PutObjectCommand({ ...target, Body: 'x', ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })),
    );
    await client.send(new CopyObjectCommand({ Bucket: bucket, Key: 'b', CopySource: `${bucket}/a` }));
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'c' }));
    const upload = { Bucket: bucket, Key: 'c', UploadId };
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'part' }));
    const Parts = [{ PartNumber: 1, ETag }];
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    await client.send(new DeleteObjectCommand(target));
    await client.send(new DeleteObjectCommand(target));
    // The last of all, so that whatever came before it has been delivered or never will be.
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'end', Body: '' }));

    await expect
      .poll(() => taken.map(nameAndKey).sort())
      .toEqual([
        'ObjectCreated:CompleteMultipartUpload c',
        'ObjectCreated:Copy b',
        'ObjectCreated:Put a',
        'ObjectCreated:Put end',
        'ObjectRemoved:Delete a',
      ]);
    const removal = taken.find(({ eventName }) => eventName === 'ObjectRemoved:Delete');
    expect(Object.keys(removal?.s3.object ?? {})).toEqual(['key', 'sequencer']);
  });

  it('name any key, form-encoded', async () => {
    const { taken, notify } = receiver();
    const { client } = await startS3ForTest({ notify });
    for (const Key of nastyKeys) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '' }));
    await expect.poll(() => taken).toHaveLength(nastyKeys.length);
    const names = taken.map(({ s3 }) => s3.object.key);
    expect(names.map((name) => decodeURIComponent(name.replaceAll('+', ' ')))).toEqual(nastyKeys);
    for (const name of names) expect(name).toMatch(/^[\w.~/+%-]+$/);
  });

  it('tell a delete marker from a removal', async () => {
    const { taken, notify } = receiver();
    const { client } = await startS3ForTest({ notify, versioning: true });
    const target = { Bucket: bucket, Key: 'a' };
    const { VersionId } = await client.send(new PutObjectCommand({ ...target, Body: 'x' }));
    const marker = await client.send(new DeleteObjectCommand(target));
    await client.send(new DeleteObjectCommand({ ...target, VersionId }));
    await expect.poll(() => taken).toHaveLength(3);
    const [created, marked, removed] = taken.sort((a, b) => (a.s3.object.sequencer < b.s3.object.sequencer ? -1 : 1));
    expect(created).toMatchObject({ eventName: 'ObjectCreated:Put', s3: { object: { versionId: VersionId } } });
    expect(marked).toMatchObject({
      eventName: 'ObjectRemoved:DeleteMarkerCreated',
      s3: { object: { versionId: marker.VersionId, eTag: 'd41d8cd98f00b204e9800998ecf8427e' } },
    });
    expect(removed).toMatchObject({ eventName: 'ObjectRemoved:Delete', s3: { object: { versionId: VersionId } } });
  });

  it('come after the object can be read', async () => {
    const found: Promise<number>[] = [];
    const started = await startS3ForTest({
      notify: () => {
        found.push(sendRaw(started.port, 'GET', `/${bucket}/a`).then(({ status }) => status));
      },
    });
    await started.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x' }));
    await expect.poll(() => found).toHaveLength(1);
    expect(await Promise.all(found)).toEqual([200]);
  });

  it('are offered again when they are not taken; the client hears nothing of it, the log does', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    const { taken, notify } = receiver(2);
    const { client } = await startS3ForTest({ notify });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x' }));
    await expect.poll(() => taken, { timeout: 5000 }).toHaveLength(1);
    expect(log).toHaveBeenCalledTimes(2);
    expect(log.mock.calls[0]?.join(' ')).toContain('the queue is not there');
  });

  it('survive a restart, and their sequencers go on', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    const deaf = await startS3({ notify: receiver(Number.POSITIVE_INFINITY).notify });
    onTestFinished(() => rm(deaf.dataDir, { recursive: true, force: true }));
    await deaf.client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x' }));
    await expect.poll(() => log.mock.calls.length).toBeGreaterThan(0);
    await deaf.stop();

    const { taken, notify } = receiver();
    const { client, stop } = await startS3({ dataDir: deaf.dataDir, notify });
    onTestFinished(stop);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'y' }));
    await expect.poll(() => taken, { timeout: 5000 }).toHaveLength(2);
    const [first, second] = taken.map(({ s3 }) => s3.object).sort((a, b) => (a.sequencer < b.sequencer ? -1 : 1));
    expect(first?.eTag).not.toBe(second?.eTag);
    expect(second?.sequencer.length).toBe(first?.sequencer.length);
    expect(second?.eTag).toBe('415290769594460e2e485922904f345d');
  });
});
