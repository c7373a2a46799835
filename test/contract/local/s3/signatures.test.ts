import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentials, region } from '../../../../local/names.ts';
import { bucket, failureOf, sendAsIs, sendRaw, startS3ForTest } from './s3-harness.ts';
import { hmac, sha256, signRequest } from './sign-request.ts';

const minute = 60_000;
const ago = (ms: number): Date => new Date(Date.now() - ms);
const codeOf = (body: string): string | undefined => /<Code>(.*?)<\/Code>/.exec(body)?.[1];
const get = (port: number) => ({ port, method: 'GET', path: `/${bucket}/a` });

describe('a signed request', () => {
  it('is refused where anything of it is not as it was signed', async () => {
    const { client, port } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'text' }));
    const path = `/${bucket}/a?versionId=null`;
    const { headers } = signRequest({ port, method: 'GET', path, headers: { range: 'bytes=0-1' } });
    expect(await sendAsIs(port, 'GET', path, headers)).toMatchObject({ status: 206, body: 'te' });

    const cases: [string, string, Record<string, string | number>][] = [
      ['HEAD', path, headers],
      ['DELETE', path, headers],
      ['GET', `/${bucket}/b?versionId=null`, headers],
      ['GET', `/${bucket}/a`, headers],
      ['GET', `/${bucket}/a?versionId=other`, headers],
      ['GET', path, { ...headers, range: 'bytes=0-2' }],
      ['GET', path, { ...headers, host: '127.0.0.2' }],
      ['GET', path, { ...headers, 'x-amz-date': headers['x-amz-date']?.toString().replace(/.Z$/, 'xZ') ?? '' }],
      [
        'GET',
        path,
        { ...headers, authorization: `${headers.authorization}`.replace(/.$/, (c) => (c === '0' ? '1' : '0')) },
      ],
    ];
    for (const [method, to, sent] of cases) {
      const answer = await sendAsIs(port, method, to, sent);
      expect([method, to, answer.status]).toEqual([method, to, 403]);
    }
  });

  it('is told what was signed here, as AWS tells it', async () => {
    const { port } = await startS3ForTest();
    const answer = await sendRaw(port, 'GET', `/${bucket}/a%20b?versionId=1`, {}, '', { secret: 'other' });
    expect(answer.status).toBe(403);
    expect(codeOf(answer.body)).toBe('SignatureDoesNotMatch');
    expect(answer.body).toContain('<AWSAccessKeyId>kadam</AWSAccessKeyId>');
    expect(answer.body).toContain(`<CanonicalRequest>GET\n/${bucket}/a%20b\nversionId=1\nhost:127.0.0.1:${port}\n`);
    const bytes = /<StringToSignBytes>(.*?)<\/StringToSignBytes>/.exec(answer.body)?.[1] ?? '';
    expect(Buffer.from(bytes.replaceAll(' ', ''), 'hex').toString()).toMatch(/^AWS4-HMAC-SHA256\n\d{8}T\d{6}Z\n/);
    expect(answer.body).toContain(`<StringToSign>${Buffer.from(bytes.replaceAll(' ', ''), 'hex')}</StringToSign>`);
  });

  it('of an unknown key, or of none, is told which one is known', async () => {
    const { port } = await startS3ForTest();
    const unknown = await sendRaw(port, 'GET', `/${bucket}`, {}, '', { accessKeyId: 'AKIDEXAMPLE' });
    expect([unknown.status, codeOf(unknown.body)]).toEqual([403, 'InvalidAccessKeyId']);
    const unsigned = await sendAsIs(port, 'GET', `/${bucket}/a`);
    expect([unsigned.status, codeOf(unsigned.body)]).toEqual([403, 'AccessDenied']);
    for (const { body } of [unknown, unsigned]) expect(body).toContain('AWS_ACCESS_KEY_ID=kadam');
    const wrong = new S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      region,
      credentials: { ...credentials, secretAccessKey: 'wrong' },
    });
    expect((await failureOf(wrong.send(new ListBucketsCommand({})))).code).toBe('SignatureDoesNotMatch');
  });

  it('may be a quarter of an hour off, not more', async () => {
    const { port } = await startS3ForTest();
    const at = async (date: Date) => codeOf((await sendRaw(port, 'GET', `/${bucket}/a`, {}, '', { date })).body);
    for (const ms of [-14 * minute, 14 * minute]) expect(await at(ago(ms))).toBe('NoSuchKey');
    for (const ms of [-16 * minute, 16 * minute]) expect(await at(ago(ms))).toBe('RequestTimeTooSkewed');
  });

  it('has its body held against the hash that was signed', async () => {
    const { port, bodies } = await startS3ForTest();
    const put = (hash: string, body: string) =>
      sendRaw(port, 'PUT', `/${bucket}/a`, { 'content-length': body.length, 'x-amz-content-sha256': hash }, body);
    expect(await put(sha256('text'), 'text')).toMatchObject({ status: 200 });
    const refused = [
      [sha256('text'), 'texx', 'XAmzContentSHA256Mismatch'],
      [sha256('text'), '', 'XAmzContentSHA256Mismatch'],
      ['nothing', 'text', 'InvalidArgument'],
      ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', 'text', 'InvalidArgument'],
    ] as const;
    for (const [hash, body, code] of refused) expect(codeOf((await put(hash, body)).body)).toBe(code);
    const got = await sendRaw(port, 'GET', `/${bucket}/a`, { 'x-amz-content-sha256': sha256('text') });
    expect(codeOf(got.body)).toBe('XAmzContentSHA256Mismatch');
    expect(await bodies()).toHaveLength(1);
  });

  it('cannot bring along x-amz- headers that were not signed', async () => {
    const { port } = await startS3ForTest();
    const { headers } = signRequest(get(port));
    const answer = await sendAsIs(port, 'GET', `/${bucket}/a`, { ...headers, 'x-amz-meta-more': '1' });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('<HeadersNotSigned>x-amz-meta-more</HeadersNotSigned>');
  });

  it.each([
    ['AWS kadam:c2lnbmF0dXJl', 'InvalidRequest'],
    [
      'AWS4-ECDSA-P256-SHA256 Credential=kadam/20250101/s3/aws4_request, SignedHeaders=host, Signature=00',
      'InvalidRequest',
    ],
    ['Bearer token', 'InvalidRequest'],
    ['AWS4-HMAC-SHA256 nothing', 'AuthorizationHeaderMalformed'],
    [
      'AWS4-HMAC-SHA256 Credential=kadam/20250101/us-east-1/s3/aws4_request, SignedHeaders=host',
      'AuthorizationHeaderMalformed',
    ],
  ])('by %s is refused', async (authorization, code) => {
    const { port } = await startS3ForTest();
    const { headers } = signRequest(get(port));
    const answer = await sendAsIs(port, 'GET', `/${bucket}/a`, { ...headers, authorization });
    expect([answer.status, codeOf(answer.body)]).toEqual([400, code]);
  });

  it('must say what its body is and when it was made', async () => {
    const { port } = await startS3ForTest();
    const { headers } = signRequest(get(port));
    const without = async (name: string) => {
      const { [name]: _, ...rest } = headers;
      return codeOf((await sendAsIs(port, 'GET', `/${bucket}/a`, rest)).body);
    };
    expect(await without('x-amz-content-sha256')).toBe('InvalidRequest');
    expect(await without('x-amz-date')).toBe('AccessDenied');
    const otherDay = { ...headers, authorization: `${headers.authorization}`.replace(/\/\d{8}\//, '/20130524/') };
    const { body } = await sendAsIs(port, 'GET', `/${bucket}/a`, otherDay);
    expect(codeOf(body)).toBe('AuthorizationHeaderMalformed');
    expect(body).toContain('not the same as X-Amz-Date');
  });

  it('may write its path and query as it likes, and its headers with spaces and twice', async () => {
    const { client, port } = await startS3ForTest();
    const Key = "ü +%'(x)/..//~!*";
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'text' }));
    const forms = [
      '%C3%BC%20%2B%25%27%28x%29/..//~%21%2A',
      "%c3%bc%20+%25'(x)/..//%7e!*",
      "%C3%BC%20%2B%25'%28x%29%2F..%2F%2F~!%2A",
    ];
    for (const form of forms) {
      const path = `/${bucket}/${form}?response-content-type=a%2fb%20+c&response-expires=`;
      const answer = await sendRaw(port, 'GET', path, { range: '  bytes=0-1 ', 'user-agent': 'two   words' });
      expect([form, answer.status, answer.headers['content-type']]).toEqual([form, 206, 'a/b  c']);
    }
    const twice = await sendRaw(port, 'GET', `/${bucket}/a?versionId=2&versionId=1&versionId=10`);
    expect(codeOf(twice.body)).toBe('NoSuchVersion');
    expect(await sendRaw(port, 'GET', `/${bucket}/%zz`)).toMatchObject({ status: 400 });
    expect(codeOf((await sendRaw(port, 'GET', `/${bucket}/a?versionId=%ff`)).body)).toBe('InvalidURI');
  });

  it('of any key and metadata that the SDK signs is let in', async () => {
    const { client } = await startS3ForTest();
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    const property = fc.asyncProperty(text, fc.string({ unit: 'grapheme-ascii' }), async (Key, name) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key, Metadata: { name } }));
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, ResponseCacheControl: name }));
      expect(await Body?.transformToString()).toBe(Key);
    });
    await fc.assert(property, { numRuns: 60 });
  });
});

describe('a body of signed chunks', () => {
  const streaming = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';

  /** Signs and frames chunks, and trailers where there are any. */
  const chunked = (port: number, chunks: string[], trailers = '') => {
    const size = chunks.join('').length;
    const kind = trailers === '' ? streaming : `${streaming}-TRAILER`;
    const more = {
      'x-amz-content-sha256': kind,
      'x-amz-decoded-content-length': size,
      'content-encoding': 'aws-chunked',
    };
    const path = `/${bucket}/a`;
    const trailer: Record<string, string> = trailers === '' ? {} : { 'x-amz-trailer': trailers.split(':')[0] ?? '' };
    const { headers, key, time, scope, signature } = signRequest({
      port,
      method: 'PUT',
      path,
      headers: { ...more, ...trailer },
    });
    let previous = signature;
    const sign = (algorithm: string, ...digests: string[]): string => {
      previous = hmac(key, [algorithm, time, scope, previous, ...digests].join('\n')).toString('hex');
      return previous;
    };
    const framed = [...chunks, ''].map((chunk) => {
      const chunkSignature = sign('AWS4-HMAC-SHA256-PAYLOAD', sha256(''), sha256(chunk));
      return `${chunk.length.toString(16)};chunk-signature=${chunkSignature}\r\n${chunk}${chunk === '' ? '' : '\r\n'}`;
    });
    const last =
      trailers &&
      `${trailers}\r\nx-amz-trailer-signature:${sign('AWS4-HMAC-SHA256-TRAILER', sha256(`${trailers}\n`))}\r\n`;
    const send = (body: string) => sendAsIs(port, 'PUT', path, { ...headers, 'content-length': body.length }, body);
    return { body: `${framed.join('')}${last}\r\n`, send };
  };

  it('is taken, and refused with any of its data, sizes, signatures or trailers changed', async () => {
    const { client, port, bodies } = await startS3ForTest();
    const plain = chunked(port, ['hello ', 'world']);
    const withTrailer = chunked(port, ['hello ', 'world'], 'x-amz-checksum-crc32:DUoRhQ==');
    expect(await plain.send(plain.body)).toMatchObject({ status: 200 });
    expect(await withTrailer.send(withTrailer.body)).toMatchObject({ status: 200 });
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await got.Body?.transformToString()).toBe('hello world');
    expect(await bodies()).toHaveLength(1);

    const [first = '', second = ''] = plain.body.match(/chunk-signature=\w+/g) ?? [];
    const cases: [(body: string) => string, typeof plain][] = [
      [(body) => body.replace('world', 'World'), plain],
      [(body) => body.replace(first, second), plain],
      [(body) => body.replace(`;${first}`, ''), plain],
      [(body) => body.replace(/0;chunk-signature=./, (text) => text.replace(/.$/, 'x')), plain],
      [(body) => body.replace(/(x-amz-trailer-signature:)\w{2}/, '$100'), withTrailer],
      [(body) => body.replace(/x-amz-trailer-signature:\w+\r\n/, ''), withTrailer],
    ];
    for (const [change, { body, send }] of cases) {
      expect(change(body)).not.toBe(body);
      const answer = await send(change(body));
      expect([answer.status, codeOf(answer.body)]).toEqual([403, 'SignatureDoesNotMatch']);
    }
    expect(await bodies()).toHaveLength(1);
  });
});
