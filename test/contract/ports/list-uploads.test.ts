import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listUploads } from '../../../aws/list-uploads.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';
import { createS3 } from '../../../local/s3/create-s3.ts';

let folder: string;
let gateway: Gateway;
let s3: Awaited<ReturnType<typeof createS3>>;
let client: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
  s3 = await createS3({ dataDir: join(folder, 's3') });
  gateway = await startGateway({ services: { s3 } });
  await s3.createBucket('versioned', { versioning: true });
  await s3.createBucket('plain');
  client = new S3Client({ endpoint: gateway.endpoint, region, credentials });
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  await s3.close();
  await rm(folder, { recursive: true });
});

const put = async (Bucket: string, Key: string, Body = 'x') =>
  (await client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;

describe.each(['versioned', 'plain'])('listUploads of a %s bucket', (bucket) => {
  it('finds the newest version of every upload below a prefix, and nothing else', async () => {
    await put(bucket, 'a/1.jpg', 'old');
    const versionId = await put(bucket, 'a/1.jpg', 'newer');
    await put(bucket, 'a/1.jpg.kadam.yml');
    await put(bucket, 'a/folder/', '');
    await put(bucket, 'a/gone.jpg');
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a/gone.jpg' }));
    await put(bucket, 'b.jpg');
    expect(await listUploads(client, bucket, 'a/')).toEqual([
      { bucket, key: 'a/1.jpg', ...(versionId ? { versionId } : {}), etag: expect.stringMatching(/^".*"$/), bytes: 5 },
    ]);
  });

  it('goes on after the first page', async () => {
    for (let index = 0; index < 1001; index += 1) await put(bucket, `many/${index}`);
    expect(await listUploads(client, bucket, 'many/')).toHaveLength(1001);
  });
});
