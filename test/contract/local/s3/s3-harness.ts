import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { startGateway } from '../../../../local/gateway.ts';
import { credentials, region } from '../../../../local/names.ts';
import { createS3, type S3Options } from '../../../../local/s3/create-s3.ts';
import { signRequest, type Unsigned } from './sign-request.ts';

export const bucket = 'pictures';

/** The embedded S3 behind the gateway on a free port, with one bucket and the SDK's client at its defaults. */
export async function startS3(options: Partial<S3Options> & { versioning?: boolean } = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'kadam-s3-')));
  const s3 = await createS3({ dataDir, notify: options.notify });
  await s3.createBucket(bucket, { versioning: options.versioning });
  const gateway = await startGateway({ services: { s3 } });
  // Of itself the client takes path style for an IP address, but not for a bucket with a dot in its name.
  const client = new S3Client({
    endpoint: gateway.endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  const stop = async (): Promise<void> => {
    client.destroy();
    await s3.close();
    await gateway.close();
  };
  return {
    s3,
    client,
    port: gateway.port,
    dataDir,
    stop,
    /** The files of bodies on disk: what an upload that failed must not leave behind. */
    bodies: () => readdir(join(dataDir, 'bodies')),
  };
}

/** The same for one test, stopped and removed after it. */
export async function startS3ForTest(options: Parameters<typeof startS3>[0] = {}) {
  const started = await startS3(options);
  onTestFinished(async () => {
    await started.stop();
    await rm(started.dataDir, { recursive: true, force: true });
  });
  return started;
}

/** The status and code of the S3 error that a call must fail with. */
export async function failureOf(call: Promise<unknown>): Promise<{ status: number | undefined; code: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof S3ServiceException) {
      return { status: error.$metadata.httpStatusCode, code: error.name };
    }
    throw error;
  }
  throw new Error('Expected the call to fail but it succeeded.');
}

export type RawAnswer = { status: number; headers: IncomingHttpHeaders; body: string };

export type RawOptions = Pick<Unsigned, 'secret' | 'accessKeyId' | 'date'>;

/** Sends a request that no SDK would: raw path, headers and body; signed, but for its body unless the headers say so. */
export const sendRaw = (
  port: number,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  body: string | Buffer = '',
  options: RawOptions = {},
): Promise<RawAnswer> =>
  sendAsIs(port, method, path, signRequest({ ...options, port, method, path, headers }).headers, body);

/** Sends what it is given and nothing else. */
export const sendAsIs = (
  port: number,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
  body: string | Buffer = '',
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const request = send({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces).toString('utf8'),
        }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
