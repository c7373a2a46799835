import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { sdkEnvironment } from '../../local/names.ts';
import type { Client } from './client.ts';

const answerSchema = z.union([z.strictObject({ error: z.string() }), z.strictObject({ result: z.unknown() })]);

/** boto3 at its defaults, in one Python process that takes a request a line. */
export const boto3Client = (endpoint: string): Client => {
  const child = spawn('python3', [join(import.meta.dirname, 'boto3-client.py')], {
    env: { PATH: process.env.PATH, ...sdkEnvironment(endpoint), AWS_DEFAULT_REGION: 'us-east-1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (name: string, ...parameters: unknown[]): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify([name, parameters])}\n`);
    const line = await lines.next();
    if (line.done) throw new Error('Expected an answer of boto3 but its process has ended.');
    const answer = answerSchema.parse(JSON.parse(line.value));
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  };
  const strings = z.array(z.string());
  return {
    name: 'boto3',
    createBucket: async (...args) => void (await ask('createBucket', ...args)),
    deleteBucket: async (...args) => void (await ask('deleteBucket', ...args)),
    put: async (...args) => void (await ask('put', ...args)),
    get: async (...args) => void (await ask('get', ...args)),
    getRange: async (bucket, key, { first, last }) =>
      Buffer.from(z.string().parse(await ask('getRange', bucket, key, `bytes=${first}-${last}`)), 'base64'),
    head: async (...args) => z.number().parse(await ask('head', ...args)),
    list: async (bucket) => strings.parse(await ask('list', bucket)),
    copy: async (...args) => void (await ask('copy', ...args)),
    delete: async (...args) => void (await ask('delete', ...args)),
    async deleteMany(bucket, keys) {
      const errors = await ask('deleteMany', bucket, keys);
      if (errors !== null) throw new Error(`Expected no errors but received ${JSON.stringify(errors)}`);
    },
    presign: async (...args) => strings.parse(await ask('presign', ...args)),
    presignPut: async (...args) => z.string().parse(await ask('presignPut', ...args)),
    async close() {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
};
