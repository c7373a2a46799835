import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '../../local/names.ts';
import type { Client } from './client.ts';
import { runProgram } from './run-program.ts';

/** s3cmd, told by its configuration file what `s3cmd --configure` asks for, and nothing else. */
export const s3cmd = async (endpoint: string): Promise<Client> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-s3cmd-'));
  const { host } = new URL(endpoint);
  const configuration = join(folder, 's3cfg');
  const settings = {
    access_key: credentials.accessKeyId,
    secret_key: credentials.secretAccessKey,
    host_base: host,
    host_bucket: host,
    use_https: 'False',
    signurl_use_https: 'False',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(configuration, `[default]\n${lines.join('')}`);
  const run = (...args: string[]) => runProgram('s3cmd', ['-c', configuration, '--no-progress', ...args]);
  const url = (bucket: string, key: string) => `s3://${bucket}/${key}`;
  return {
    name: 's3cmd',
    cannot: (key) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: such keys are tried
      if (/[\u0000-\u001f\u007f]/.test(key)) return 'it replaces control characters';
      return key.endsWith('/') ? "it appends the file's name" : undefined;
    },
    async createBucket(bucket) {
      await run('mb', `s3://${bucket}`);
      await run('info', `s3://${bucket}`);
    },
    deleteBucket: async (bucket) => void (await run('rb', `s3://${bucket}`)),
    put: async (file, bucket, key) => void (await run('put', file, url(bucket, key))),
    get: async (bucket, key, file) => void (await run('get', '--force', url(bucket, key), file)),
    async getRange(bucket, key, { first }) {
      // It knows ranges only to go on with a file that has begun.
      const file = join(folder, 'range');
      await writeFile(file, Buffer.alloc(first));
      await run('get', '--continue', url(bucket, key), file);
      return (await readFile(file)).subarray(first);
    },
    async head(bucket, key) {
      const [, size] = /File size:\s+(\d+)/.exec(String(await run('info', url(bucket, key)))) ?? [];
      return Number(size);
    },
    async list(bucket) {
      const text = String(await run('ls', '--recursive', `s3://${bucket}`));
      const start = `s3://${bucket}/`;
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.slice(line.indexOf(start) + start.length));
    },
    copy: async (bucket, from, to) => void (await run('cp', url(bucket, from), url(bucket, to))),
    move: async (bucket, from, to) => void (await run('mv', url(bucket, from), url(bucket, to))),
    delete: async (bucket, key) => void (await run('del', url(bucket, key))),
    deleteMany: async (bucket, keys) => void (await run('del', ...keys.map((key) => url(bucket, key)))),
    syncUp: async (from, bucket, prefix) =>
      void (await run('sync', '--delete-removed', `${from}/`, `${url(bucket, prefix)}/`)),
    syncDown: async (bucket, prefix, to) =>
      void (await run('sync', '--delete-removed', `${url(bucket, prefix)}/`, `${to}/`)),
    presign: async (bucket, key) => [String(await run('signurl', url(bucket, key), '+60')).trimEnd()],
    close: () => rm(folder, { recursive: true, force: true }),
  };
};
