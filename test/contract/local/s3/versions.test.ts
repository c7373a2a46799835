import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

const put = async (client: S3Client, Key: string, Body: string): Promise<string> =>
  (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))).VersionId ?? '';

const read = async (client: S3Client, Key: string, VersionId?: string): Promise<string | undefined> =>
  (await client.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId }))).Body?.transformToString();

describe('a versioned bucket', () => {
  it('keeps every version of a key', async () => {
    const { client } = await startS3ForTest({ versioning: true });
    const one = await put(client, 'a', 'one');
    const two = await put(client, 'a', 'two');
    expect(new Set([one, two, '']).size).toBe(3);
    expect(await read(client, 'a')).toBe('two');
    expect(await read(client, 'a', one)).toBe('one');
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a', VersionId: one }));
    expect(head.VersionId).toBe(one);
    expect(await failureOf(read(client, 'a', 'none'))).toEqual({ status: 404, code: 'NoSuchVersion' });
  });

  it('hides a deleted key behind a delete marker', async () => {
    const { client, port } = await startS3ForTest({ versioning: true });
    const one = await put(client, 'a', 'one');
    const deleted = await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(deleted.DeleteMarker).toBe(true);
    const marker = deleted.VersionId ?? '';

    const latest = await sendRaw(port, 'GET', `/${bucket}/a`);
    expect(latest.status).toBe(404);
    expect(latest.body).toContain('<Code>NoSuchKey</Code>');
    expect(latest.headers).toMatchObject({ 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker });
    const byId = await sendRaw(port, 'GET', `/${bucket}/a?versionId=${marker}`);
    expect(byId.status).toBe(405);
    expect(byId.body).toContain('<Code>MethodNotAllowed</Code>');
    expect(byId.headers).toMatchObject({ 'x-amz-delete-marker': 'true', allow: 'DELETE' });
    expect(byId.headers['last-modified']).toBeDefined();
    expect((await sendRaw(port, 'HEAD', `/${bucket}/a?versionId=${marker}`)).status).toBe(405);

    expect(await read(client, 'a', one)).toBe('one');
    expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
    // A marker is no object: a create-only write succeeds, an If-Match finds nothing.
    const replace = new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'x', IfMatch: '*' });
    expect(await failureOf(client.send(replace))).toEqual({ status: 404, code: 'NoSuchKey' });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'two', IfNoneMatch: '*' }));
    expect(await read(client, 'a')).toBe('two');
  });

  it('brings the key back when the marker is deleted, and the version before when a version is', async () => {
    const { client, bodies } = await startS3ForTest({ versioning: true });
    const one = await put(client, 'a', 'one');
    const two = await put(client, 'a', 'two');
    const { VersionId: marker } = await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    const remove = (VersionId?: string) =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId }));
    expect(await remove(marker)).toMatchObject({ DeleteMarker: true, VersionId: marker });
    expect(await read(client, 'a')).toBe('two');
    expect((await remove(two)).DeleteMarker).toBeUndefined();
    expect(await read(client, 'a')).toBe('one');
    await remove(one);
    await remove(one);
    expect(await failureOf(read(client, 'a'))).toEqual({ status: 404, code: 'NoSuchKey' });
    await expect.poll(bodies).toEqual([]);
  });

  it('lists versions and markers, the newest of a key first, page by page', async () => {
    const { client } = await startS3ForTest({ versioning: true });
    const one = await put(client, 'a', 'one');
    const two = await put(client, 'a', 'two!');
    const answer = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }] } }),
    );
    const [markerOfA, markerOfB] = answer.Deleted?.map(({ DeleteMarkerVersionId }) => DeleteMarkerVersionId) ?? [];
    const inFolder = await put(client, 'c/1', '1');

    const all = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(all.Versions).toMatchObject([
      { Key: 'a', VersionId: two, IsLatest: false, Size: 4 },
      { Key: 'a', VersionId: one, IsLatest: false, Size: 3 },
      { Key: 'c/1', VersionId: inFolder, IsLatest: true },
    ]);
    expect(all.DeleteMarkers).toMatchObject([
      { Key: 'a', VersionId: markerOfA, IsLatest: true },
      { Key: 'b', VersionId: markerOfB, IsLatest: true },
    ]);

    const found: (string | undefined)[] = [];
    let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
    while (next) {
      const query = { Bucket: bucket, MaxKeys: 1, Delimiter: '/', ...next };
      const page: ListObjectVersionsCommandOutput = await client.send(new ListObjectVersionsCommand(query));
      const rows = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId);
      found.push(...rows, ...(page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? []));
      next = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
    expect(found).toEqual([markerOfA, two, one, markerOfB, 'c/']);
  });
});

it('a bucket whose versioning came later keeps what was there as version null', async () => {
  const { client, s3 } = await startS3ForTest();
  await put(client, 'a', 'before');
  await s3.createBucket(bucket, { versioning: true });
  await put(client, 'a', 'after');
  expect(await read(client, 'a', 'null')).toBe('before');
  expect(await read(client, 'a')).toBe('after');
});

describe('a bucket whose versioning was suspended', () => {
  const suspended = async (Status: 'Enabled' | 'Suspended', client: S3Client) =>
    client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
  const versions = async (client: S3Client) => {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return [Versions.map(({ VersionId }) => VersionId), DeleteMarkers.map(({ VersionId }) => VersionId)];
  };

  it('keeps the versions that it has, and one more, null, which the next write replaces', async () => {
    const { client, bodies } = await startS3ForTest({ versioning: true });
    const one = await put(client, 'a', 'one');
    await suspended('Suspended', client);
    expect(await put(client, 'a', 'two')).toBe('null');
    expect(await put(client, 'a', 'three')).toBe('null');
    expect(await versions(client)).toEqual([['null', one], []]);
    expect(await read(client, 'a')).toBe('three');
    expect(await read(client, 'a', one)).toBe('one');
    await expect.poll(async () => (await bodies()).length).toBe(2);
    await suspended('Enabled', client);
    const four = await put(client, 'a', 'four');
    expect(await versions(client)).toEqual([[four, 'null', one], []]);
  });

  it('hides a deleted key behind a null marker, which takes the place of the null version', async () => {
    const { client, bodies } = await startS3ForTest({ versioning: true });
    const one = await put(client, 'a', 'one');
    await suspended('Suspended', client);
    await put(client, 'a', 'two');
    const marked = { DeleteMarker: true, VersionId: 'null' };
    expect(await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }))).toMatchObject(marked);
    expect(await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }))).toMatchObject(marked);
    expect(await versions(client)).toEqual([[one], ['null']]);
    await expect.poll(async () => (await bodies()).length).toBe(1);
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a', VersionId: 'null' }));
    expect(await read(client, 'a')).toBe('one');
  });
});
