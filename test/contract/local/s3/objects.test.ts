import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

const text = 'The quick brown fox';
const etag = `"${createHash('md5').update(text).digest('hex')}"`;

describe('an object', () => {
  it('comes back as it was put, with all that was said of it', async () => {
    const { client } = await startS3ForTest();
    const said = {
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'identity',
      ContentLanguage: 'en',
      Metadata: { 'kadam-recipe': 'web', empty: '' },
    };
    const expires = new Date('2030-01-02T03:04:05Z');
    const put = await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text, ...said, Expires: expires }),
    );
    expect(put.ETag).toBe(etag);
    expect(put.VersionId).toBeUndefined();

    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({
      ...said,
      ETag: etag,
      ContentLength: 19,
      ExpiresString: expires.toUTCString(),
    });
    expect(got.ChecksumCRC32).toBe(put.ChecksumCRC32);

    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(head).toMatchObject({ ...said, ETag: etag, ContentLength: 19, AcceptRanges: 'bytes' });
    expect(head.LastModified).toEqual(got.LastModified);
  });

  it('keeps metadata beyond ASCII and gives it back in the form of RFC 2047', async () => {
    const { client, port } = await startS3ForTest();
    const name = Buffer.from('Grüße €').toString('latin1');
    await sendRaw(port, 'PUT', `/${bucket}/a`, { 'x-amz-meta-name': name, 'content-length': 0 });
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(head.Metadata).toEqual({ name: `=?UTF-8?B?${Buffer.from('Grüße €').toString('base64')}?=` });
  });

  it('refuses more than 2 KB of metadata', async () => {
    const { client } = await startS3ForTest();
    const put = client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Metadata: { long: 'x'.repeat(2048) } }));
    expect(await failureOf(put)).toEqual({ status: 400, code: 'MetadataTooLarge' });
  });

  it('is not there before it is put or after it is deleted, and deleting it again is no error', async () => {
    const { client, bodies } = await startS3ForTest();
    const get = () => client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await failureOf(get())).toEqual({ status: 404, code: 'NoSuchKey' });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await failureOf(get())).toEqual({ status: 404, code: 'NoSuchKey' });
    expect(await failureOf(client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a' })))).toEqual({
      status: 404,
      code: 'NotFound',
    });
    await expect.poll(bodies).toEqual([]);
  });

  it('is replaced whole: the newest put wins and the former bytes are gone from the disk', async () => {
    const { client, bodies } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'one', Metadata: { n: '1' } }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'two' }));
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await got.Body?.transformToString()).toBe('two');
    expect(got.Metadata).toEqual({});
    await expect.poll(async () => (await bodies()).length).toBe(1);
  });

  it('can be read to its end though it is replaced meanwhile', async () => {
    const { client, bodies } = await startS3ForTest();
    const before = Buffer.alloc(8 * 1024 ** 2, 'before');
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: before }));
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'after' }));
    expect(before.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    await expect.poll(async () => (await bodies()).length).toBe(1);
  });
});

describe('DeleteObjects', () => {
  it('is quiet when told to, and says which key it could not delete', async () => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: text }));
    const Objects = [{ Key: 'a' }, { Key: 'b', ETag: '"other"' }];
    const answer = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects } }));
    expect(answer.Deleted).toBeUndefined();
    expect(answer.Errors).toMatchObject([{ Key: 'b', Code: 'PreconditionFailed' }]);
  });
});

describe('CopyObject', () => {
  it('takes bytes, headers and metadata along, or new ones where told', async () => {
    const { client } = await startS3ForTest();
    const source = {
      Metadata: { n: '1' },
      ContentType: 'text/plain',
      ChecksumAlgorithm: 'SHA256',
    } as const;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a b+ü', Body: text, ...source }));
    const CopySource = `${bucket}/${encodeURIComponent('a b+ü')}`;
    const copied = await client.send(new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource }));
    expect(copied.CopyObjectResult).toMatchObject({ ETag: etag, ChecksumSHA256: expect.any(String) });
    const copy = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'copy' }));
    expect(await copy.Body?.transformToString()).toBe(text);
    expect(copy).toMatchObject({ Metadata: { n: '1' }, ContentType: 'text/plain' });

    const changed = { MetadataDirective: 'REPLACE', Metadata: { n: '2' } } as const;
    await client.send(new CopyObjectCommand({ Bucket: bucket, Key: 'a b+ü', CopySource, ...changed }));
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a b+ü' }));
    expect(head).toMatchObject({ Metadata: { n: '2' }, ContentType: 'binary/octet-stream', ETag: etag });
  });

  it('refuses a copy onto itself that changes nothing, a missing source, and conditions that do not hold', async () => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    const copy = (Key: string, more: object = {}) =>
      client.send(new CopyObjectCommand({ Bucket: bucket, Key, CopySource: `${bucket}/a`, ...more }));
    expect((await failureOf(copy('a'))).code).toBe('InvalidRequest');
    expect((await failureOf(copy('b', { CopySource: `${bucket}/none` }))).code).toBe('NoSuchKey');
    expect((await failureOf(copy('b', { CopySource: `${bucket}/%zz` }))).code).toBe('InvalidURI');
    expect((await failureOf(copy('b', { CopySourceIfMatch: '"other"' }))).code).toBe('PreconditionFailed');
    expect((await failureOf(copy('b', { CopySourceIfNoneMatch: etag }))).code).toBe('PreconditionFailed');
    await copy('b', { IfNoneMatch: '*' });
    expect((await failureOf(copy('b', { IfNoneMatch: '*' }))).code).toBe('PreconditionFailed');
  });

  it('finds its source encoded as a whole, in part, or not at all', async () => {
    const { client, port } = await startS3ForTest();
    const Key = 'ü +%&/x?versionId';
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: text }));
    const raw = Buffer.from('ü').toString('latin1');
    const sources = [
      encodeURIComponent(`${bucket}/${Key}`),
      `/${bucket}/%c3%bc%20+%25&/x?versionId`,
      `${bucket}/${raw} +%25&/x?versionId`,
      `${bucket}/${raw} +%25&/x?versionId?versionId=null`,
    ];
    for (const [index, source] of sources.entries()) {
      const headers = { 'x-amz-copy-source': source, 'content-length': 0 };
      const answer = await sendRaw(port, 'PUT', `/${bucket}/copy${index}`, headers);
      expect([source, answer.status]).toEqual([source, 200]);
    }
  });
});
