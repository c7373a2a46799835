import { credentials, region } from '../../local/names.ts';
import type { Client } from './client.ts';
import { runProgram } from './run-program.ts';

/** Every byte but those that AWS leaves: curl signs a path as it is given, so its user encodes it as AWS does. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** curl with --aws-sigv4. */
export const curl = (endpoint: string): Client => {
  const run = (...args: string[]) =>
    runProgram('curl', [
      // --path-as-is: or it resolves `..` itself, before it asks.
      ...['--silent', '--show-error', '--fail-with-body', '--path-as-is'],
      ...['--aws-sigv4', `aws:amz:${region}:s3`],
      // Newer versions send it themselves; AWS refuses a request without it.
      ...['--header', 'x-amz-content-sha256: UNSIGNED-PAYLOAD'],
      ...['--user', `${credentials.accessKeyId}:${credentials.secretAccessKey}`],
      ...args,
    ]);
  const path = (bucket: string, key: string) => `/${bucket}/${encode(key).replaceAll('%2F', '/')}`;
  const url = (bucket: string, key: string) => endpoint + path(bucket, key);
  return {
    name: 'curl',
    cannot: (key) => (key.endsWith('/') ? "it appends the file's name" : undefined),
    createBucket: async (bucket) => void (await run('--request', 'PUT', `${endpoint}/${bucket}`)),
    deleteBucket: async (bucket) => void (await run('--request', 'DELETE', `${endpoint}/${bucket}`)),
    put: async (file, bucket, key) => void (await run('--upload-file', file, url(bucket, key))),
    get: async (bucket, key, file) => void (await run('--output', file, url(bucket, key))),
    getRange: (bucket, key, { first, last }) => run('--range', `${first}-${last}`, url(bucket, key)),
    async head(bucket, key) {
      const headers = String(await run('--head', url(bucket, key)));
      return Number(/^content-length: (\d+)/im.exec(headers)?.[1]);
    },
    async list(bucket) {
      const query = 'encoding-type=url&list-type=2';
      const text = String(await run(`${endpoint}/${bucket}?${query}`));
      return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) =>
        decodeURIComponent(key.replaceAll('+', ' ')),
      );
    },
    copy: async (bucket, from, to) =>
      void (await run('--request', 'PUT', '--header', `x-amz-copy-source: ${path(bucket, from)}`, url(bucket, to))),
    delete: async (bucket, key) => void (await run('--request', 'DELETE', url(bucket, key))),
  };
};
