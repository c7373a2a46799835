import { createHash } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

const text = 'The quick brown fox';
const etag = `"${createHash('md5').update(text).digest('hex')}"`;

describe('a range', () => {
  it.each([
    ['bytes=0-3', 'The ', 'bytes 0-3/19'],
    ['bytes=16-', 'fox', 'bytes 16-18/19'],
    ['bytes=16-900', 'fox', 'bytes 16-18/19'],
    ['bytes=-3', 'fox', 'bytes 16-18/19'],
    ['bytes=-900', text, 'bytes 0-18/19'],
  ])('%s', async (range, expected, contentRange) => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a', Range: range }));
    expect(await got.Body?.transformToString()).toBe(expected);
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(got).toMatchObject({ ContentRange: contentRange, ContentLength: expected.length, ETag: etag });
    expect(got.ChecksumCRC32).toBeUndefined();
  });

  it.each(['bytes=3-1', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-'])('that is none (%s) is ignored', async (range) => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a', Range: range }));
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got.$metadata.httpStatusCode).toBe(200);
  });

  it.each([
    ['bytes=19-', text],
    ['bytes=-0', text],
    ['bytes=0-0', ''],
    ['bytes=-1', ''],
  ])('%s of %j holds no byte: 416', async (range, body) => {
    const { client, port } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: body }));
    const got = await sendRaw(port, 'GET', `/${bucket}/a`, { range });
    expect(got.status).toBe(416);
    expect(got.headers['content-range']).toBe(`bytes */${body.length}`);
    expect(got.body).toContain('<Code>InvalidRange</Code>');
    expect(got.body).toContain(`<ActualObjectSize>${body.length}</ActualObjectSize>`);
  });
});

describe('a condition', () => {
  it('of a read is held against the ETag and the date', async () => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    const get = async (condition: object) => {
      const call = client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a', ...condition }));
      return call.then(
        async (got) => (await got.Body?.transformToString()) ?? '',
        async () => (await failureOf(call)).status,
      );
    };
    const past = new Date('2020-01-01');
    const future = new Date(Date.now() + 86_400_000);
    expect(await get({ IfMatch: etag })).toBe(text);
    expect(await get({ IfMatch: '"other"' })).toBe(412);
    expect(await get({ IfNoneMatch: etag })).toBe(304);
    expect(await get({ IfNoneMatch: '"other"' })).toBe(text);
    expect(await get({ IfModifiedSince: past })).toBe(text);
    expect(await get({ IfModifiedSince: future })).toBe(304);
    expect(await get({ IfUnmodifiedSince: past })).toBe(412);
    expect(await get({ IfUnmodifiedSince: past, IfMatch: etag })).toBe(text);
    expect(await get({ IfModifiedSince: future, IfNoneMatch: '"other"' })).toBe(text);
  });

  it('of a write is held against what is there', async () => {
    const { client, bodies } = await startS3ForTest();
    const put = (condition: object) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text, ...condition }));
    expect(await failureOf(put({ IfMatch: etag }))).toEqual({ status: 404, code: 'NoSuchKey' });
    await put({ IfNoneMatch: '*' });
    expect(await failureOf(put({ IfNoneMatch: '*' }))).toEqual({ status: 412, code: 'PreconditionFailed' });
    expect(await failureOf(put({ IfMatch: '"other"' }))).toEqual({ status: 412, code: 'PreconditionFailed' });
    await put({ IfMatch: etag });
    expect(await failureOf(put({ IfNoneMatch: etag }))).toEqual({ status: 501, code: 'NotImplemented' });
    await expect.poll(async () => (await bodies()).length).toBe(1);
  });

  it('of a delete as well', async () => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text }));
    const remove = (IfMatch: string) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', IfMatch }));
    expect(await failureOf(remove('"other"'))).toEqual({ status: 412, code: 'PreconditionFailed' });
    await remove(etag);
    expect(await failureOf(remove(etag))).toEqual({ status: 404, code: 'NoSuchKey' });
  });

  it('lets exactly one of twenty concurrent writers win', async () => {
    const { client, bodies } = await startS3ForTest();
    const puts = Array.from({ length: 20 }, (_, writer) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: `writer ${writer}`, IfNoneMatch: '*' })),
    );
    const results = await Promise.allSettled(puts);
    const winner = results.findIndex((result) => result.status === 'fulfilled');
    const losers = await Promise.all(puts.filter((_, writer) => writer !== winner).map(failureOf));
    expect(losers).toEqual(Array.from({ length: 19 }, () => ({ status: 412, code: 'PreconditionFailed' })));
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await got.Body?.transformToString()).toBe(`writer ${winner}`);
    expect(await bodies()).toHaveLength(1);
  });
});

describe('a header of the answer', () => {
  it('is set by who asks, or who presigned the URL', async () => {
    const { client, port } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: text, ContentType: 'text/plain' }));
    const got = await client.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: 'a',
        ResponseContentType: 'image/png',
        ResponseContentDisposition: 'attachment; filename="a b.png"',
        ResponseContentEncoding: 'identity',
        ResponseContentLanguage: 'de',
        ResponseCacheControl: 'no-store',
        ResponseExpires: new Date('2030-01-02T03:04:05Z'),
      }),
    );
    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({
      ContentType: 'image/png',
      ContentDisposition: 'attachment; filename="a b.png"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      CacheControl: 'no-store',
      ExpiresString: 'Wed, 02 Jan 2030 03:04:05 GMT',
    });
    const head = await sendRaw(port, 'HEAD', `/${bucket}/a?response-content-type=image/png`, { range: 'bytes=0-1' });
    expect(head).toMatchObject({ status: 206, headers: { 'content-type': 'image/png' } });
    const split = await sendRaw(port, 'GET', `/${bucket}/a?response-content-type=a%0d%0aset-cookie:b`);
    expect(split).toMatchObject({ status: 400, body: expect.stringContaining('<Code>InvalidArgument</Code>') });
  });
});
