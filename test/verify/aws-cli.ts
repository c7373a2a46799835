import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Client } from './client.ts';
import { runProgram } from './run-program.ts';

const headSchema = z.object({ ContentLength: z.number() });
const listSchema = z.object({ Contents: z.array(z.object({ Key: z.string() })).default([]) });

/** The AWS CLI, version 1 or 2: `aws s3` where it has the operation, else `aws s3api`. */
export const awsCli = async (endpoint: string): Promise<Client> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-aws-cli-'));
  const aws = (...args: string[]) => runProgram('aws', args, { endpoint });
  const s3 = (...args: string[]) => aws('s3', ...args, '--no-progress');
  const json = async (...args: string[]): Promise<unknown> =>
    JSON.parse(String(await aws('s3api', ...args, '--output', 'json')) || '{}');
  const url = (bucket: string, key: string) => `s3://${bucket}/${key}`;
  return {
    name: 'aws',
    createBucket: async (bucket) => void (await aws('s3', 'mb', `s3://${bucket}`)),
    deleteBucket: async (bucket) => void (await aws('s3', 'rb', `s3://${bucket}`)),
    async put(file, bucket, key) {
      // `aws s3` takes a key that ends in a slash for a folder.
      if (key.endsWith('/')) await json('put-object', '--bucket', bucket, '--key', key, '--body', file);
      else await s3('cp', file, url(bucket, key));
    },
    async get(bucket, key, file) {
      if (key.endsWith('/')) await json('get-object', '--bucket', bucket, '--key', key, file);
      else await s3('cp', url(bucket, key), file);
    },
    async getRange(bucket, key, { first, last }) {
      const file = join(folder, 'range');
      await json('get-object', '--bucket', bucket, '--key', key, '--range', `bytes=${first}-${last}`, file);
      return readFile(file);
    },
    head: async (bucket, key) =>
      headSchema.parse(await json('head-object', '--bucket', bucket, '--key', key)).ContentLength,
    // Pages of five, so that markers of all these keys are needed.
    list: async (bucket) =>
      listSchema
        .parse(await json('list-objects-v2', '--bucket', bucket, '--page-size', '5'))
        .Contents.map(({ Key }) => Key),
    async copy(bucket, from, to) {
      if (from.endsWith('/')) {
        await json('copy-object', '--bucket', bucket, '--key', to, '--copy-source', `${bucket}/${from}`);
      } else {
        await s3('cp', url(bucket, from), url(bucket, to));
      }
    },
    move: async (bucket, from, to) => void (await s3('mv', url(bucket, from), url(bucket, to))),
    async delete(bucket, key) {
      if (key.endsWith('/')) await json('delete-object', '--bucket', bucket, '--key', key);
      else await aws('s3', 'rm', url(bucket, key));
    },
    async deleteMany(bucket, keys) {
      const file = join(folder, 'delete.json');
      // Quiet, because the answer of S3 cannot name a key with control characters in XML that a parser takes.
      await writeFile(file, JSON.stringify({ Quiet: true, Objects: keys.map((Key) => ({ Key })) }));
      await json('delete-objects', '--bucket', bucket, '--delete', `file://${file}`);
    },
    syncUp: async (from, bucket, prefix) => void (await s3('sync', '--delete', from, url(bucket, prefix))),
    syncDown: async (bucket, prefix, to) => void (await s3('sync', '--delete', url(bucket, prefix), to)),
    presign: async (bucket, key) => [
      String(await aws('s3', 'presign', url(bucket, key), '--expires-in', '60')).trimEnd(),
      String(await aws('s3', 'presign', url(bucket, key), '--expires-in', '60', '--region', 'eu-central-1')).trimEnd(),
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
