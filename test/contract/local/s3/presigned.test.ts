import { createHmac } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, sendAsIs, startS3ForTest } from './s3-harness.ts';
import { presign } from './sign-request.ts';

const minute = 60_000;
const ago = (ms: number): Date => new Date(Date.now() - ms);
const codeOf = (body: string): string | undefined => /<Code>(.*?)<\/Code>/.exec(body)?.[1];
const get = (port: number) => ({ port, method: 'GET', path: `/${bucket}/a` });

describe('a presigned URL', () => {
  it('is good for its method, key and parameters, as long as it says', async () => {
    const { client, port } = await startS3ForTest();
    const put = {
      ...get(port),
      method: 'PUT',
      path: `/${bucket}/a?x-amz-meta-name=Gr%C3%BC%C3%9Fe&x-id=PutObject&x-amz-checksum-crc32=AAAAAA%3D%3D`,
    };
    expect(await sendAsIs(port, 'PUT', presign(put, 60), { 'content-length': 5 }, 'hello')).toMatchObject({
      status: 200,
    });
    expect(await sendAsIs(port, 'GET', presign(get(port), 60))).toMatchObject({ status: 200, body: 'hello' });
    const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(got.Metadata).toEqual({ name: `=?UTF-8?B?${Buffer.from('Grüße').toString('base64')}?=` });

    const url = presign(get(port), 60);
    const refused = async (method: string, path: string, headers: Record<string, string> = {}) => {
      const answer = await sendAsIs(port, method, path, headers);
      return [answer.status, codeOf(answer.body)];
    };
    const mismatch = [403, 'SignatureDoesNotMatch'];
    expect(await refused('DELETE', url)).toEqual(mismatch);
    expect(await refused('PUT', url)).toEqual(mismatch);
    expect(await refused('GET', url.replace('/a?', '/b?'))).toEqual(mismatch);
    expect(await refused('GET', `${url}&versionId=null`)).toEqual(mismatch);
    expect(await refused('GET', url.replace('Expires=60', 'Expires=61'))).toEqual(mismatch);
    expect(await refused('GET', url, { 'x-amz-checksum-mode': 'ENABLED' })).toEqual([403, 'AccessDenied']);
  });

  it.each([
    ['that has expired', 60, 61_000, 403, 'Request has expired'],
    ['of tomorrow', 60, -24 * 60 * minute, 403, 'Request is not yet valid'],
    ['of more than a week', 604_801, 0, 400, 'X-Amz-Expires must be less than a week'],
    ['without a number', 'long', 0, 400, 'X-Amz-Expires should be a number'],
  ] as const)('%s is refused', async (_, seconds, age, status, message) => {
    const { port } = await startS3ForTest();
    const answer = await sendAsIs(port, 'GET', presign({ ...get(port), date: ago(age) }, seconds));
    expect(answer).toMatchObject({ status, body: expect.stringContaining(message) });
  });

  it('that lacks a parameter is refused', async () => {
    const { port } = await startS3ForTest();
    const url = presign(get(port), 60).replace(/&X-Amz-Date=[^&]*/, '');
    expect(codeOf((await sendAsIs(port, 'GET', url)).body)).toBe('AuthorizationQueryParametersError');
  });
});

describe("a presigned URL of version 2, boto3's default and all that s3cmd can", () => {
  const link = (method: string, path: string, more = '', seconds = 60): string => {
    const expires = Math.floor(Date.now() / 1000) + seconds;
    const [plain = '', query] = path.split('?');
    const resource = query ? `${plain}?${query}` : plain;
    const signed = [method, '', '', expires, ...(more === '' ? [] : [more]), resource].join('\n');
    const signature = encodeURIComponent(createHmac('sha1', 'kadam').update(signed).digest('base64'));
    const amz = more === '' ? '' : `&${more.replace(':', '=')}`;
    return `${plain}?${query ? `${query}&` : ''}AWSAccessKeyId=kadam&Expires=${expires}&Signature=${signature}${amz}`;
  };

  it.each([
    ['as it is signed', 'x-amz-copy-source', 'SignatureDoesNotMatch'],
    ['in capitals', 'X-Amz-Copy-Source', 'AccessDenied'],
    ['in other capitals', 'x-amz-COPY-source', 'AccessDenied'],
    ['partly encoded', 'X%2DAmz-Copy-Source', 'AccessDenied'],
    ['of its own, as it is signed', 'content-type', 'SignatureDoesNotMatch'],
    ['of its own, in capitals', 'Content-Type', 'AccessDenied'],
    ['of a checksum', 'Content-MD5', 'AccessDenied'],
  ])('takes no header that was added to it, spelt %s', async (_, name, code) => {
    const { client, port } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'secret', Body: 'secret' }));
    const url = `${link('PUT', `/${bucket}/a`)}&${name}=${encodeURIComponent(`/${bucket}/secret`)}`;
    const answer = await sendAsIs(port, 'PUT', url, { 'content-length': 0 });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, code]);
    expect(await sendAsIs(port, 'GET', link('GET', `/${bucket}/a`))).toMatchObject({ status: 404 });
  });

  it('takes no version and no sub-resource that was added to it', async () => {
    const { port } = await startS3ForTest();
    for (const added of ['versionId=null', 'acl', 'tagging', 'uploads', 'partNumber=1', 'response-content-type=a']) {
      const answer = await sendAsIs(port, 'GET', `${link('GET', `/${bucket}/a`)}&${added}`);
      expect([answer.status, codeOf(answer.body)], added).toEqual([403, 'SignatureDoesNotMatch']);
    }
  });

  it('puts and gets, for its method, key and parameters only', async () => {
    const { port } = await startS3ForTest();
    const path = `/${bucket}/a%20b%2B`;
    const put = link('PUT', path, 'x-amz-meta-name:web');
    expect(await sendAsIs(port, 'PUT', put, { 'content-length': 5 }, 'hello')).toMatchObject({ status: 200 });
    const url = link('GET', `${path}?response-content-type=image/png`);
    const got = await sendAsIs(port, 'GET', url);
    expect(got).toMatchObject({ status: 200, body: 'hello' });
    expect(got.headers).toMatchObject({ 'content-type': 'image/png', 'x-amz-meta-name': 'web' });
    const cases = [
      ['DELETE', url],
      ['GET', url.replace('a%20b%2B', 'c')],
      ['GET', url.replace('image/png', 'text/html')],
      ['PUT', put.replace('name=web', 'name=print')],
    ] as const;
    for (const [method, changed] of cases) {
      const answer = await sendAsIs(port, method, changed, { 'content-length': 0 });
      expect([answer.status, codeOf(answer.body)]).toEqual([403, 'SignatureDoesNotMatch']);
    }
    const other = await sendAsIs(port, 'GET', url.replace('Id=kadam', 'Id=AKID'));
    expect(codeOf(other.body)).toBe('InvalidAccessKeyId');
    expect((await sendAsIs(port, 'GET', link('GET', path, '', -1))).body).toContain('Request has expired');
  });
});
