import { describe, expect, it } from 'vitest';
import type { SignedMessage } from '../../../local/signatures/canonical-request.ts';
import { readSignature } from '../../../local/signatures/read-signature.ts';
import { verifyChunks } from '../../../local/signatures/verify-chunks.ts';
import { sha256, verifySignature } from '../../../local/signatures/verify-signature.ts';

// The examples of the S3 API reference: 'Signature calculations for the Authorization header' (single chunk, multiple
// chunks, trailing headers) and 'Using query parameters'. All are of 24 May 2013, with this key pair.
const keyPair = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const now = Date.parse('2013-05-24T00:00:00Z');
const scope = 'Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';

const message = (method: string, url: string, headers: Record<string, string>, signature?: string): SignedMessage => {
  const all: Record<string, string> = { host: 'examplebucket.s3.amazonaws.com', ...headers };
  const names = Object.keys(all).sort().join(';');
  if (signature) all.authorization = `AWS4-HMAC-SHA256 ${scope},SignedHeaders=${names},Signature=${signature}`;
  return {
    method,
    url,
    headersDistinct: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
  };
};
const verify = (sent: SignedMessage, payloadHash: string) =>
  verifySignature(sent, readSignature(sent), { payloadHash, keyPair, now });

describe("AWS's own examples", () => {
  const date = { 'x-amz-date': '20130524T000000Z' };
  const signed = (hash: string) => ({ ...date, 'x-amz-content-sha256': hash });

  it.each([
    [
      'GetObject',
      'GET',
      '/test.txt',
      { range: 'bytes=0-9' },
      '',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PutObject',
      'PUT',
      '/test$file.text',
      { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      'Welcome to Amazon S3.',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GetBucketLifecycle',
      'GET',
      '/?lifecycle',
      {},
      '',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'ListObjects',
      'GET',
      '/?max-keys=2&prefix=J',
      {},
      '',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ] as const)('%s is verified', (_, method, url, headers, body, signature) => {
    const hash = sha256(body);
    verify(message(method, url, { ...headers, ...signed(hash) }, signature), hash);
    const changed = message(method, `${url}x`, { ...headers, ...signed(hash) }, signature);
    expect(() => verify(changed, hash)).toThrow(expect.objectContaining({ code: 'SignatureDoesNotMatch' }));
  });

  it('the presigned URL is verified', () => {
    const url =
      '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    verify(message('GET', url, {}), 'UNSIGNED-PAYLOAD');
  });

  const chunks = [Buffer.alloc(65_536, 'a'), Buffer.alloc(1024, 'a'), Buffer.alloc(0)];

  it('the chunked upload is verified, chunk by chunk', () => {
    const kind = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
    const headers = {
      ...signed(kind),
      'content-encoding': 'aws-chunked',
      'content-length': '66824',
      'x-amz-decoded-content-length': '66560',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    };
    const sent = message(
      'PUT',
      '/examplebucket/chunkObject.txt',
      { ...headers, host: 's3.amazonaws.com' },
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    );
    const verifier = verifyChunks(verify(sent, kind));
    const signatures = [
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ];
    for (const [index, chunk] of chunks.entries()) {
      verifier.update(chunk);
      verifier.endChunk(signatures[index]);
    }
    expect(() => verifier.endChunk(signatures[0])).toThrow(expect.objectContaining({ code: 'SignatureDoesNotMatch' }));
  });
});

describe('the path of a service other than S3', () => {
  it('is encoded a second time', () => {
    const url = '/2015-03-31/functions/a%3Ab/invocations';
    const options = { signedHeaders: ['host'], payloadHash: sha256('') };
    const sent = message('POST', url, { 'x-amz-date': '20130524T000000Z' }, '0'.repeat(64));
    const attempt = (isPathEncodedTwice: boolean) => () =>
      verifySignature(sent, readSignature(sent), { ...options, isPathEncodedTwice, keyPair, now });
    const canonical = (path: string) => ({
      details: expect.objectContaining({ CanonicalRequest: expect.stringContaining(path) }),
    });
    expect(attempt(true)).toThrow(expect.objectContaining(canonical('/functions/a%253Ab/')));
    expect(attempt(false)).toThrow(expect.objectContaining(canonical('/functions/a%3Ab/')));
  });
});
