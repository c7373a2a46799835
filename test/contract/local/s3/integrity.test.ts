import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type ChecksumAlgorithm, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createS3 } from '../../../../local/s3/create-s3.ts';
import { decodeChunked } from '../../../../local/s3/wire/decode-chunked.ts';
import { bucket, failureOf, sendRaw, startS3, startS3ForTest } from './s3-harness.ts';
import { signRequest } from './sign-request.ts';

const text = '123456789';
const target = { Bucket: bucket, Key: 'a' };
const base64 = (algorithm: string) => createHash(algorithm).update(text).digest('base64');
// The check values of the CRC catalogue for the text '123456789'.
const sums: Record<string, string> = {
  crc32: Buffer.from('cbf43926', 'hex').toString('base64'),
  crc32c: Buffer.from('e3069283', 'hex').toString('base64'),
  crc64nvme: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  sha1: base64('sha1'),
  sha256: base64('sha256'),
};

describe('a checksum', () => {
  it.each(['CRC32', 'CRC64NVME', 'SHA1', 'SHA256'] as ChecksumAlgorithm[])(
    '%s in a trailer is verified, kept and given back',
    async (ChecksumAlgorithm) => {
      const { client } = await startS3ForTest();
      const Body = Readable.from([Buffer.from(text.slice(0, 4)), Buffer.from(text.slice(4))]);
      await client.send(new PutObjectCommand({ ...target, Body, ContentLength: text.length, ChecksumAlgorithm }));
      const got = await client.send(new GetObjectCommand(target));
      expect(await got.Body?.transformToString()).toBe(text);
      const kept = { [`Checksum${ChecksumAlgorithm}`]: sums[ChecksumAlgorithm.toLowerCase()] };
      expect(got).toMatchObject({ ...kept, ChecksumType: 'FULL_OBJECT' });
      expect(got.ContentEncoding).toBeUndefined();
      const head = await client.send(new HeadObjectCommand(target));
      expect(head.ChecksumType).toBeUndefined();
    },
  );

  it.each(Object.entries(sums))('%s in a header is verified', async (algorithm, sum) => {
    const { client, port, bodies } = await startS3ForTest();
    const headers = { 'content-length': 9, [`x-amz-checksum-${algorithm}`]: sum };
    const bad = await sendRaw(port, 'PUT', `/${bucket}/a`, headers, '12345678X');
    expect(bad.status).toBe(400);
    expect(bad.body).toContain('<Code>BadDigest</Code>');
    expect((await failureOf(client.send(new HeadObjectCommand(target)))).status).toBe(404);
    expect(await bodies()).toEqual([]);
    expect(await sendRaw(port, 'PUT', `/${bucket}/a`, headers, text)).toMatchObject({ status: 200 });
  });

  it('that is wrong, malformed, or one too many is refused and nothing is stored', async () => {
    const { client, port, bodies } = await startS3ForTest();
    const cases: [Record<string, string>, string][] = [
      [{ 'content-md5': createHash('md5').update('other').digest('base64') }, 'BadDigest'],
      [{ 'content-md5': 'short' }, 'InvalidDigest'],
      [{ 'x-amz-content-sha256': createHash('sha256').update('other').digest('hex') }, 'XAmzContentSHA256Mismatch'],
      [{ 'x-amz-checksum-crc32': 'AAAA' }, 'InvalidRequest'],
      [{ 'x-amz-checksum-crc32': sums.crc32 ?? '', 'x-amz-checksum-sha1': sums.sha1 ?? '' }, 'InvalidRequest'],
      [{ 'x-amz-checksum-crc99': 'AAAAAA==' }, 'NotImplemented'],
    ];
    for (const [headers, code] of cases) {
      const answer = await sendRaw(port, 'PUT', `/${bucket}/a`, { 'content-length': 9, ...headers }, text);
      expect(answer.body).toContain(`<Code>${code}</Code>`);
    }
    expect((await failureOf(client.send(new HeadObjectCommand(target)))).status).toBe(404);
    expect(await bodies()).toEqual([]);
  });
});

describe('an aws-chunked body', () => {
  const sum = Buffer.from(crc32('hello world').toString(16).padStart(8, '0'), 'hex').toString('base64');

  const put = (port: number, body: string, headers: Record<string, string>) =>
    sendRaw(
      port,
      'PUT',
      `/${bucket}/a`,
      { 'x-amz-decoded-content-length': 11, 'content-length': body.length, ...headers },
      body,
    );

  it('is decoded, with and without trailers', async () => {
    const { client, port } = await startS3ForTest();
    const trailer = { 'x-amz-trailer': 'x-amz-checksum-crc32', 'content-encoding': 'aws-chunked,gzip' };
    const streaming = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    const answers = [
      await put(port, 'b\r\nhello world\r\n0\r\n\r\n', { 'content-encoding': 'aws-chunked' }),
      await put(port, 'b\r\nhello world\r\n0\r\n\r\n', streaming),
      await put(port, `b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:${sum}\r\n\r\n`, { ...streaming, ...trailer }),
    ];
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, '']));
    const got = await client.send(new GetObjectCommand(target));
    expect(await got.Body?.transformToString()).toBe('hello world');
    expect(got).toMatchObject({ ContentEncoding: 'gzip', ChecksumCRC32: sum });
  });

  it.each([
    ['a wrong trailer', `b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`, 'BadDigest'],
    ['no trailer', `b\r\nhello world\r\n0\r\n\r\n`, 'MalformedTrailerError'],
    ['less than it says', `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${sum}\r\n\r\n`, 'IncompleteBody'],
    ['more than it says', `c\r\nhello world!\r\n0\r\nx-amz-checksum-crc32:${sum}\r\n\r\n`, 'IncompleteBody'],
    ['no last chunk', `b\r\nhello world\r\n`, 'IncompleteBody'],
    ['no framing', 'hello world', 'IncompleteBody'],
    ['a chunk longer than its size', `5\r\nhello world\r\n0\r\n\r\n`, 'IncompleteBody'],
    ['an endless line', 'f'.repeat(20_000), 'IncompleteBody'],
  ])('with %s is refused and nothing is stored', async (_, body, code) => {
    const { client, port, bodies } = await startS3ForTest();
    const answer = await put(port, body, {
      'content-encoding': 'aws-chunked',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
    expect((await failureOf(client.send(new HeadObjectCommand(target)))).status).toBe(404);
    expect(await bodies()).toEqual([]);
  });

  it('is decoded wherever the network cuts it', async () => {
    const signature = ';chunk-signature=00ff';
    const chunks = `6${signature}\r\nhello \r\n5${signature}\r\nworld\r\n0${signature}\r\n`;
    const encoded = Buffer.from(`${chunks}x-amz-checksum-crc32:${sum}\r\n\r\n`);
    const cuts = fc.array(fc.integer({ min: 0, max: encoded.length }), { maxLength: 6 });
    const property = fc.asyncProperty(cuts, async (places) => {
      const edges = [0, ...places.sort((a, b) => a - b), encoded.length];
      const pieces = edges.slice(1).map((end, index) => encoded.subarray(edges[index], end));
      const trailers = new Map<string, string>();
      const decoded = await Array.fromAsync(decodeChunked(Readable.from(pieces), trailers));
      expect(Buffer.concat(decoded).toString()).toBe('hello world');
      expect(trailers.get('x-amz-checksum-crc32')).toBe(sum);
    });
    await fc.assert(property);
  });
});

/** The head of a signed request, and a tenth of its body. */
const halfAnUpload = (port: number): string => {
  const path = `/${bucket}/a`;
  const { headers } = signRequest({ port, method: 'PUT', path, headers: { 'content-length': 1_000_000 } });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `PUT ${path} HTTP/1.1\r\n${lines.join('')}\r\n${'x'.repeat(100_000)}`;
};

describe('an upload that is cut off', () => {
  it('leaves nothing', async () => {
    const { client, port, bodies } = await startS3ForTest();
    const socket = connect(port, '127.0.0.1');
    socket.write(halfAnUpload(port));
    await expect.poll(async () => (await bodies()).length).toBe(1);
    socket.destroy();
    await expect.poll(bodies).toEqual([]);
    expect((await failureOf(client.send(new HeadObjectCommand(target)))).status).toBe(404);
  });

  it('by the end of the service as well', async () => {
    const { port, bodies, s3 } = await startS3ForTest();
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(halfAnUpload(port));
    await expect.poll(async () => (await bodies()).length).toBe(1);
    await s3.close();
    expect(await bodies()).toEqual([]);
  });

  it('or waits for leave to send it, gets that leave', async () => {
    const { port } = await startS3ForTest();
    const path = `/${bucket}/a`;
    const sent = { 'content-length': 9, expect: '100-continue' };
    const { headers } = signRequest({ port, method: 'PUT', path, headers: sent });
    const put = request({ host: '127.0.0.1', port, method: 'PUT', path, headers, agent: false });
    put.flushHeaders();
    await once(put, 'continue');
    put.end(text);
    const [answer] = await once(put, 'response');
    expect(answer).toMatchObject({ statusCode: 200 });
    answer.resume();
  });

  it('without a length is refused', async () => {
    const { port } = await startS3ForTest();
    const answer = await sendRaw(port, 'PUT', `/${bucket}/a`, { 'transfer-encoding': 'chunked' }, text);
    expect(answer.status).toBe(411);
  });
});

describe('the store', () => {
  it('is all there after a restart, and what a crash left is gone', async () => {
    const before = await startS3({ versioning: true });
    onTestFinished(() => rm(before.dataDir, { recursive: true, force: true }));
    const one = await before.client.send(new PutObjectCommand({ ...target, Body: 'one', Metadata: { n: '1' } }));
    await before.client.send(new PutObjectCommand({ ...target, Body: 'two' }));
    await before.stop();
    // As a process leaves it that is killed in mid-upload.
    await writeFile(join(before.dataDir, 'bodies', 'half-done'), 'half');

    const after = await startS3({ dataDir: before.dataDir });
    onTestFinished(after.stop);
    const got = await after.client.send(new GetObjectCommand({ ...target, VersionId: one.VersionId }));
    expect(await got.Body?.transformToString()).toBe('one');
    expect(got).toMatchObject({ Metadata: { n: '1' }, ETag: one.ETag });
    const latest = await after.client.send(new GetObjectCommand(target));
    expect(await latest.Body?.transformToString()).toBe('two');
    expect(await after.bodies()).toHaveLength(2);
  });

  it('has one user at a time', async () => {
    const { dataDir } = await startS3ForTest();
    await expect(createS3({ dataDir })).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'DataFolderUnavailable',
    });
  });
});
