import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3InputStore } from '../../../aws/s3-input-store.ts';
import type { Upload } from '../../../core/jobs/upload.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';
import { createS3 } from '../../../local/s3/create-s3.ts';

let folder: string;
let gateway: Gateway;
let s3: Awaited<ReturnType<typeof createS3>>;
let client: S3Client;
let isCuttingShort = false;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
  s3 = await createS3({ dataDir: join(folder, 's3') });
  gateway = await startGateway({
    services: { s3 },
    onRequest: (request, response) => {
      if (!isCuttingShort || request.method !== 'GET') return;
      const write = response.write.bind(response);
      response.write = ((chunk: Buffer) => {
        write(chunk.subarray(0, 10));
        response.destroy();
        return false;
      }) as typeof response.write;
    },
  });
  await s3.createBucket('versioned', { versioning: true });
  await s3.createBucket('plain');
  client = new S3Client({ endpoint: gateway.endpoint, region, credentials, maxAttempts: 1 });
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
  await s3.close();
  await rm(folder, { recursive: true });
});

const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

const put = async (bucket: string, key: string, content: Buffer = body, Metadata = {}): Promise<Upload> => {
  const answer = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, Metadata }));
  return { bucket, key, versionId: answer.VersionId, etag: answer.ETag ?? '', bytes: content.length };
};
const store = () => s3InputStore(client);

describe.each(['versioned', 'plain'])('input store on S3, %s bucket', (bucket) => {
  it('opens an upload: metadata, size, and bytes from anywhere', async () => {
    const upload = await put(bucket, 'open', body, { 'kadam-recipe': 'web' });
    const opened = await store().open(upload);
    expect(opened).toMatchObject({ metadata: { 'kadam-recipe': 'web' }, upload });
    expect(opened?.source.size).toBe(body.length);
    for (const [offset, length] of [
      [0, 10],
      [32_760, 20],
      [90_000, 500],
      [99_990, 100],
    ] as const) {
      const bytes = await opened?.source.read(offset, length);
      expect(Buffer.from(bytes ?? []).equals(body.subarray(offset, offset + length))).toBe(true);
    }
  });

  it('opens an empty upload with its metadata', async () => {
    const opened = await store().open(await put(bucket, 'empty', Buffer.alloc(0), { 'kadam-recipe': 'web' }));
    expect(opened).toMatchObject({ metadata: { 'kadam-recipe': 'web' }, source: { size: 0 } });
  });

  it('downloads the very bytes, with their checksum', async () => {
    const path = join(folder, 'downloaded');
    const answer = await store().download(await put(bucket, 'download'), path);
    expect((await readFile(path)).equals(body)).toBe(true);
    expect(answer?.checksum).toBe(createHash('sha256').update(body).digest('base64'));
  });

  it('refuses a download that is cut short, to be tried again', async () => {
    const upload = await put(bucket, 'cut');
    isCuttingShort = true;
    try {
      const download = store().download(upload, join(folder, 'cut'));
      await expect(download).rejects.toMatchObject({ name: 'DependencyError', retryable: true });
    } finally {
      isCuttingShort = false;
    }
  });

  it('refuses bytes of another length than were announced', async () => {
    const upload = await put(bucket, 'length');
    const download = store().download({ ...upload, bytes: upload.bytes + 1 }, join(folder, 'length'));
    await expect(download).rejects.toMatchObject({ code: 'CutShort' });
  });

  it('reads the beginning of a small object as text', async () => {
    await put(bucket, 'text', Buffer.from('outputs: früh'));
    await put(bucket, 'nothing', Buffer.alloc(0));
    expect(await store().readText(bucket, 'text', 100)).toBe('outputs: früh');
    expect(await store().readText(bucket, 'text', 7)).toBe('outputs');
    expect(await store().readText(bucket, 'nothing', 7)).toBe('');
    expect(await store().readText(bucket, 'absent', 7)).toBeUndefined();
  });

  it('tells the newest upload from one that was overtaken or deleted', async () => {
    const first = await put(bucket, 'standing');
    expect(await store().standing(first)).toBe('newest');
    const second = await put(bucket, 'standing', Buffer.from('newer'));
    expect(await store().standing(first)).toBe('superseded');
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'standing' }));
    expect(await store().standing(second)).toBe('gone');
  });

  it('never mixes two uploads of one key', async () => {
    const first = await put(bucket, 'mixed');
    await put(bucket, 'mixed', Buffer.from('newer'));
    const path = join(folder, 'mixed');
    const opened = await store().open(first);
    const downloaded = await store().download(first, path);
    // With versions the first one is still there; without, it is gone, and never the second one in its place.
    if (bucket === 'plain') expect([opened, downloaded]).toEqual([undefined, undefined]);
    else expect((await readFile(path)).equals(body)).toBe(true);
  });
});
