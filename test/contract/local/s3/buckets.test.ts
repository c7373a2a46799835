import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

describe('buckets', () => {
  it('are created, listed, found and located', async () => {
    const { client } = await startS3ForTest();
    await client.send(new CreateBucketCommand({ Bucket: 'another.bucket-1' }));
    await client.send(new CreateBucketCommand({ Bucket: 'another.bucket-1' }));
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const;
    await client.send(new CreateBucketCommand({ Bucket: 'another.bucket-1', CreateBucketConfiguration }));
    const listed = await client.send(new ListBucketsCommand({}));
    expect(listed.Buckets?.map(({ Name }) => Name)).toEqual(['another.bucket-1', bucket]);
    expect(listed.Buckets?.[0]?.CreationDate).toBeInstanceOf(Date);
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    const located = await client.send(new GetBucketLocationCommand({ Bucket: bucket }));
    expect(located.LocationConstraint).toBeFalsy();
  });

  it('are versioned when told to, or no more', async () => {
    const { client } = await startS3ForTest();
    const status = async () => (await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status;
    expect(await status()).toBeUndefined();
    for (const Status of ['Enabled', 'Suspended', 'Enabled'] as const) {
      await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
      expect(await status()).toBe(Status);
    }
  });

  it('belong to the one account, with all that is in them', async () => {
    const { client, port } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x' }));
    const expected = {
      Owner: { ID: '000000000000' },
      Grants: [{ Grantee: { Type: 'CanonicalUser', ID: '000000000000' }, Permission: 'FULL_CONTROL' }],
    };
    expect(await client.send(new GetBucketAclCommand({ Bucket: bucket }))).toMatchObject(expected);
    expect(await client.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'a' }))).toMatchObject(expected);
    const { body } = await sendRaw(port, 'GET', `/${bucket}?acl`);
    const type = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"';
    expect(body).toContain(`<Grantee ${type}><ID>000000000000</ID></Grantee><Permission>FULL_CONTROL</Permission>`);
    const missing = client.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'b' }));
    expect((await failureOf(missing)).code).toBe('NoSuchKey');
  });

  it('are deleted when they are empty, of versions and delete markers too, with the uploads under way', async () => {
    const { client, bodies } = await startS3ForTest({ versioning: true });
    const target = { Bucket: bucket, Key: 'a' };
    const { VersionId } = await client.send(new PutObjectCommand({ ...target, Body: 'x' }));
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'part' }));
    const remove = () => client.send(new DeleteBucketCommand({ Bucket: bucket }));
    const notEmpty = { status: 409, code: 'BucketNotEmpty' };
    const marker = await client.send(new DeleteObjectCommand(target));
    expect(await failureOf(remove())).toEqual(notEmpty);
    await client.send(new DeleteObjectCommand({ ...target, VersionId }));
    expect(await failureOf(remove())).toEqual(notEmpty);
    await client.send(new DeleteObjectCommand({ ...target, VersionId: marker.VersionId }));
    await remove();
    expect((await failureOf(remove())).code).toBe('NoSuchBucket');
    await expect.poll(bodies).toEqual([]);
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const late = client.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 2, Body: 'late' }));
    expect((await failureOf(late)).code).toBe('NoSuchUpload');
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
      client.send(new GetBucketPolicyCommand({ Bucket: bucket })),
      client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: '{}' })),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', StorageClass: 'GLACIER' })),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', ACL: 'public-read' })),
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'b', Body: 'x', WriteOffsetBytes: 1 })),
      client.send(new PutObjectAclCommand({ Bucket: bucket, Key: 'a', ACL: 'private' })),
    ];
    expect(await Promise.all(calls.map(failureOf))).toEqual(calls.map(() => notImplemented));
    expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(1);
  });

  it('is said in a document that names the request; HEAD has none', async () => {
    const { port } = await startS3ForTest();
    const answer = await sendRaw(port, 'GET', `/${bucket}?policy`);
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
