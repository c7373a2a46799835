import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

describe('buckets', () => {
  it('are created, listed, found and located', async () => {
    const { client } = await startS3ForTest();
    await client.send(new CreateBucketCommand({ Bucket: 'another.bucket-1' }));
    await client.send(new CreateBucketCommand({ Bucket: 'another.bucket-1' }));
    const listed = await client.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map(({ Name }) => Name)).toEqual(['another.bucket-1', bucket]);
    expect(listed.Buckets?.[0]?.CreationDate).toBeInstanceOf(Date);
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    const located = await client.send(new GetBucketLocationCommand({ Bucket: bucket }));
    expect(located.LocationConstraint).toBeFalsy();
  });

  it('that are not there are NoSuchBucket, for every kind of request', async () => {
    const { client, bodies } = await startS3ForTest();
    const missing = { status: 404, code: 'NoSuchBucket' };
    expect(await failureOf(client.send(new ListObjectsV2Command({ Bucket: 'missing' })))).toEqual(missing);
    expect(await failureOf(client.send(new GetObjectCommand({ Bucket: 'missing', Key: 'a' })))).toEqual(missing);
    const put = new PutObjectCommand({ Bucket: 'missing', Key: 'a', Body: 'x' });
    expect(await failureOf(client.send(put))).toEqual(missing);
    expect((await failureOf(client.send(new HeadBucketCommand({ Bucket: 'missing' })))).status).toBe(404);
    expect(await bodies()).toEqual([]);
  });

  it.each(['Upper', 'ab', 'a..b', '-a-', '192.168.0.1', 'x'.repeat(64)])('cannot be named %s', async (name) => {
    const { port } = await startS3ForTest();
    const answer = await sendRaw(port, 'PUT', `/${name}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<Code>InvalidBucketName</Code>');
  });
});

describe('what is not implemented', () => {
  it('is 501, never a silent success', async () => {
    const { client } = await startS3ForTest();
    const notImplemented = { status: 501, code: 'NotImplemented' };
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x' }));
    const calls = [
      client.send(new GetBucketAclCommand({ Bucket: bucket })),
      client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: '{}' })),
      client.send(new DeleteBucketCommand({ Bucket: bucket })),
      client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a', PartNumber: 1 })),
      client.send(
        new UploadPartCopyCommand({
          Bucket: bucket,
          Key: 'b',
          UploadId: 'u',
          PartNumber: 1,
          CopySource: `${bucket}/a`,
        }),
      ),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', StorageClass: 'GLACIER' })),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', ACL: 'public-read' })),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', WriteOffsetBytes: 1 })),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', Tagging: 'a=1' })),
      client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a', ResponseContentType: 'image/png' })),
    ];
    expect(await Promise.all(calls.map(failureOf))).toEqual(calls.map(() => notImplemented));
    expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(1);
  });

  it('is said in a document that names the request; HEAD has none', async () => {
    const { port } = await startS3ForTest();
    const answer = await sendRaw(port, 'GET', `/${bucket}?acl`);
    expect(answer.headers['content-type']).toBe('application/xml');
    expect(answer.body).toContain(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`);
    expect(answer.body).toMatch(/<Code>NotImplemented<\/Code><Message>.+<\/Message>/);
    expect(await sendRaw(port, 'HEAD', `/${bucket}/%22&<none>`)).toMatchObject({ status: 404, body: '' });
    expect(await sendRaw(port, 'PATCH', `/${bucket}/a`)).toMatchObject({ status: 501 });
  });

  it('refuses documents that are none, or say more than is understood', async () => {
    const { port } = await startS3ForTest();
    const remove = (inner: string) => `<Delete>${inner}</Delete>`;
    for (const document of ['', '<a>', remove('<Key>a</Key>'), remove('<Object><Key>a</Key><X/></Object>')]) {
      const headers = { 'content-length': Buffer.byteLength(document) };
      const answer = await sendRaw(port, 'POST', `/${bucket}?delete`, headers, document);
      expect(answer.body).toContain('<Code>MalformedXML</Code>');
    }
  });
});

describe('a presigned URL', () => {
  const link = (signedAt: Date, seconds: number): string => {
    const date = signedAt.toISOString().replace(/[-:]|\.\d+/g, '');
    return `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k&X-Amz-Date=${date}&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host&X-Amz-Signature=00`;
  };

  it('puts and gets; its x-amz-* parameters are headers, but for the checksum of a body it could not know', async () => {
    const { client, port } = await startS3ForTest();
    const query = `${link(new Date(), 60)}&x-id=PutObject&x-amz-meta-name=Gr%C3%BC%C3%9Fe&x-amz-checksum-crc32=AAAAAA%3D%3D`;
    const put = await sendRaw(port, 'PUT', `/${bucket}/a?${query}`, { 'content-length': 5 }, 'hello');
    expect(put.status).toBe(200);
    expect(await sendRaw(port, 'GET', `/${bucket}/a?${link(new Date(), 60)}`)).toMatchObject({ body: 'hello' });
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got.Metadata).toEqual({ name: `=?UTF-8?B?${Buffer.from('Grüße').toString('base64')}?=` });
  });

  it('that has expired is refused', async () => {
    const { port } = await startS3ForTest();
    const answer = await sendRaw(port, 'GET', `/${bucket}/a?${link(new Date(Date.now() - 61_000), 60)}`);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<Message>Request has expired</Message>');
  });
});
