import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Client } from './client.ts';
import { nastyKeys, printable } from './nasty-keys.ts';
import { runProgram } from './run-program.ts';

/** Runs one check and reports it: it passes unless it throws. */
export type Check = (name: string, run: () => Promise<void>) => Promise<void>;

const largeBytes = 20 * 1024 ** 2;

const sha256Of = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};
const fileHash = (file: string): Promise<string> => sha256Of(createReadStream(file));

const expectSame = (what: string, received: unknown, expected: unknown): void => {
  if (isDeepStrictEqual(received, expected)) return;
  const text = (value: unknown) => JSON.stringify(value)?.slice(0, 600);
  throw new Error(`Expected ${what} to be ${text(expected)} but received ${text(received)}`);
};

/** As who was given a presigned URL uses it. `--path-as-is`, or curl resolves `..` before it asks. */
const byCurl = (...args: string[]): Promise<Buffer> =>
  runProgram('curl', ['--silent', '--show-error', '--fail-with-body', '--path-as-is', ...args]);

/**
 * Puts one client through everything: each key of the table, a large object, folders and presigned URLs. What it writes
 * is read back by itself and by the AWS SDK (the reference), so that the key is the one that was meant.
 */
export const runScenario = async (client: Client, reference: S3Client, check: Check, skip: Check): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-verify-'));
  const bucket = `verify-${client.name}`;
  const file = join(folder, 'given');
  const got = join(folder, 'received');
  const byReference = async (Key: string): Promise<string> => {
    const { Body } = await reference.send(new GetObjectCommand({ Bucket: bucket, Key }));
    if (!(Body instanceof Readable)) throw new Error('Expected a stream of Node.');
    return sha256Of(Body);
  };
  const keysNow = async (): Promise<string[]> => {
    const { Contents = [] } = await reference.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };
  const roundTrip = async (key: string, bytes: Buffer): Promise<void> => {
    await writeFile(file, bytes);
    const expected = await fileHash(file);
    await client.put(file, bucket, key);
    expectSame('the uploaded bytes', await byReference(key), expected);
    await client.get(bucket, key, got);
    expectSame('the downloaded bytes', await fileHash(got), expected);
    expectSame('the size', await client.head(bucket, key), bytes.length);
  };
  const copied = async (from: string, to: string): Promise<void> => {
    const expected = await byReference(from);
    await client.copy(bucket, from, to);
    expectSame('the copied bytes', await byReference(to), expected);
  };

  const tried: string[] = [];
  try {
    await check('make a bucket', () => client.createBucket(bucket));
    for (const key of nastyKeys) {
      const reason = client.cannot?.(key);
      if (reason !== undefined) {
        await skip(`key ${printable(key)}: ${reason}`, async () => {});
        continue;
      }
      tried.push(key);
      const twin = Buffer.byteLength(key) > 1000 ? `x${key.slice(1)}` : `copy of ${key}`;
      await check(`key ${printable(key)}: put, get, head, copy, delete`, async () => {
        await roundTrip(key, Buffer.from(`body of ${key}`));
        await copied(key, twin);
        await client.delete(bucket, twin);
        expectSame('what is deleted', (await keysNow()).includes(twin), false);
      });
    }
    await check('list: every key, in the order of its bytes', async () => {
      const inOrder = tried.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expectSame('the list', await client.list(bucket), inOrder);
    });
    const { move, deleteMany, presign, presignPut } = client;
    if (presign) {
      await check(`presigned URLs, read by curl: ${tried.length} keys`, async () => {
        for (const key of tried) {
          for (const url of await presign(bucket, key)) {
            expectSame(url, String(await byCurl(url)), `body of ${key}`);
          }
        }
      });
    }
    if (presignPut) {
      await check('a presigned URL, written by curl', async () => {
        await writeFile(file, 'by curl');
        await byCurl('--upload-file', file, await presignPut(bucket, 'pre signed'));
        expectSame('the bytes', await byReference('pre signed'), await fileHash(file));
        await client.delete(bucket, 'pre signed');
      });
    }
    if (deleteMany) await check('delete many', () => deleteMany(bucket, tried));
    else
      await check('delete each', () =>
        tried.reduce((before, key) => before.then(() => client.delete(bucket, key)), Promise.resolve()),
      );
    await check('all is deleted', async () => expectSame('the list', await keysNow(), []));

    const large = 'large/pic ture+1.tif';
    const bytes = randomBytes(largeBytes);
    await check('20 MiB: put, get, head', () => roundTrip(large, bytes));
    await check('20 MiB: a range', async () => {
      const range = { first: largeBytes - 5_000_000, last: largeBytes - 1 };
      const received = await client.getRange(bucket, large, range);
      expectSame('the range', received.equals(bytes.subarray(range.first)), true);
    });
    await check('20 MiB: copy', () => copied(large, 'large/copy'));
    if (move) {
      await check('20 MiB: move', async () => {
        const expected = await byReference(large);
        await move(bucket, large, 'moved & gone');
        expectSame('the moved bytes', await byReference('moved & gone'), expected);
        expectSame('the keys', (await keysNow()).includes(large), false);
      });
    }
    await checkSync(client, bucket, folder, check, keysNow);
    await check('remove the bucket, when it is empty', async () => {
      const refused = await client.deleteBucket(bucket).then(
        () => false,
        () => true,
      );
      expectSame('a bucket with objects to be kept', refused, true);
      const Objects = (await keysNow()).map((Key) => ({ Key }));
      await reference.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      await client.deleteBucket(bucket);
    });
  } finally {
    await client.close?.();
    await rm(folder, { recursive: true, force: true });
  }
};

/** A folder up and down again, with what is gone on one side removed on the other. */
const checkSync = async (
  { syncUp, syncDown }: Client,
  bucket: string,
  folder: string,
  check: Check,
  keysNow: () => Promise<string[]>,
): Promise<void> => {
  if (!syncUp || !syncDown) return;
  await check('sync a folder up and down, and what is removed', async () => {
    const names = ['a b.txt', 'größe+1%.txt', "it's.txt", 'deep/er/c&d.txt'];
    const [up, down] = [join(folder, 'up'), join(folder, 'down')];
    await mkdir(join(up, 'deep/er'), { recursive: true });
    await mkdir(down);
    for (const name of names) await writeFile(join(up, name), `body of ${name}`);
    const underSync = async () => (await keysNow()).filter((key) => key.startsWith('sync/')).sort();
    await syncUp(up, bucket, 'sync');
    expectSame('the keys', await underSync(), names.map((name) => `sync/${name}`).sort());
    await syncDown(bucket, 'sync', down);
    for (const name of names) expectSame(name, await readFile(join(down, name), 'utf8'), `body of ${name}`);
    await rm(join(up, 'a b.txt'));
    await syncUp(up, bucket, 'sync');
    expectSame('the keys', (await underSync()).length, names.length - 1);
  });
};
