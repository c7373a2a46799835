import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3OutputStore } from '../../../aws/s3-output-store.ts';
import type { OutputFile, OutputStore } from '../../../core/ports.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { credentials, region } from '../../../local/names.ts';
import { createS3 } from '../../../local/s3/create-s3.ts';
import { memoryOutputStore } from '../../support/memory-ports.ts';

let folder: string;
let gateway: Gateway;
let s3: Awaited<ReturnType<typeof createS3>>;
let client: S3Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
  s3 = await createS3({ dataDir: join(folder, 's3') });
  gateway = await startGateway({ services: { s3 } });
  await s3.createBucket('out', { versioning: true });
  client = new S3Client({ endpoint: gateway.endpoint, region, credentials });
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
  await s3.close();
  await rm(folder, { recursive: true });
});

let count = 0;
const fileOf = async (body: Buffer, key = `k${++count}`): Promise<OutputFile> => {
  const path = join(folder, `file-${++count}`);
  await writeFile(path, body);
  const sha256 = createHash('sha256').update(body).digest('base64');
  return { key, path, bytes: body.length, sha256, contentType: 'image/webp', cacheControl: 'max-age=60', writer: 'j1' };
};

const stores: [string, () => OutputStore][] = [
  ['in memory', memoryOutputStore],
  ['on S3', () => s3OutputStore(client, 'out')],
];
// From 16 MiB on a file goes up in parts.
const sizes: [string, number][] = [
  ['small', 10],
  ['large', 17 * 1024 * 1024],
];

describe.each(stores)('output store %s', (_name, make) => {
  describe.each(sizes)('with a %s file', (_size, bytes) => {
    it('shows nothing before the commit', async () => {
      const store = make();
      const file = await fileOf(Buffer.alloc(bytes, 'a'));
      const write = await store.prepare(file);
      expect(await store.current(file.key)).toBe('absent');
      const written = await write.commit('absent');
      expect(written?.versionId).toEqual(expect.any(String));
      expect(await store.current(file.key)).toEqual({ ...written, writer: 'j1' });
      await write.abort();
      expect(await store.current(file.key)).toEqual({ ...written, writer: 'j1' });
    });

    it('commits only over what it was told', async () => {
      const store = make();
      const file = await fileOf(Buffer.alloc(bytes, 'a'));
      const first = await (await store.prepare(file)).commit('absent');
      const second = await store.prepare(await fileOf(Buffer.alloc(bytes, 'b'), file.key));
      expect(await second.commit('absent')).toBeUndefined();
      await second.abort();
      const third = await store.prepare(await fileOf(Buffer.alloc(bytes, 'c'), file.key));
      expect(await third.commit({ etag: first?.etag ?? '' })).toBeDefined();
      const fourth = await store.prepare(await fileOf(Buffer.alloc(bytes, 'd'), file.key));
      expect(await fourth.commit({ etag: first?.etag ?? '' })).toBeUndefined();
      await fourth.abort();
    });

    it('does not recreate what was deleted in the meantime', async () => {
      const store = make();
      const file = await fileOf(Buffer.alloc(bytes, 'a'));
      const first = await (await store.prepare(file)).commit('absent');
      expect(await store.remove(file.key, { etag: first?.etag ?? '' })).toBe(true);
      const second = await store.prepare(file);
      expect(await second.commit({ etag: first?.etag ?? '' })).toBeUndefined();
      await second.abort();
    });
  });

  it('reads text, hides a key and deletes one version of it', async () => {
    const store = make();
    const first = await fileOf(Buffer.from('one'));
    await (await store.prepare(first)).commit('absent');
    const second = await (await store.prepare(await fileOf(Buffer.from('two'), first.key))).commit(
      await store.current(first.key),
    );
    expect(await store.readText(first.key)).toBe('two');
    expect(await store.remove(first.key, { etag: '"another"' })).toBe(false);
    await store.remove(first.key, { versionId: second?.versionId ?? '' });
    expect(await store.readText(first.key)).toBe('one');
    const now = await store.current(first.key);
    expect(await store.remove(first.key, now === 'absent' ? { etag: '' } : { etag: now.etag })).toBe(true);
    expect(await store.readText(first.key)).toBeUndefined();
    expect(await store.current(first.key)).toBe('absent');
    expect(await store.remove(first.key, { etag: '"another"' })).toBe(false);
  });
});

describe('output store on S3', () => {
  it('serves files with their headers, whichever way they went up', async () => {
    const store = s3OutputStore(client, 'out');
    for (const [, bytes] of sizes) {
      const body = Buffer.alloc(bytes, 'x');
      const file = await fileOf(body);
      await (await store.prepare(file)).commit('absent');
      const answer = await client.send(new GetObjectCommand({ Bucket: 'out', Key: file.key }));
      expect(answer).toMatchObject({ ContentType: 'image/webp', CacheControl: 'max-age=60' });
      expect(body.equals(Buffer.from((await answer.Body?.transformToByteArray()) ?? []))).toBe(true);
    }
  });

  it('leaves no upload behind that was aborted', async () => {
    const store = s3OutputStore(client, 'out');
    const write = await store.prepare(await fileOf(Buffer.alloc(17 * 1024 * 1024)));
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'out' }))).Uploads).toHaveLength(1);
    await write.abort();
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'out' }))).Uploads ?? []).toHaveLength(0);
  });
});
