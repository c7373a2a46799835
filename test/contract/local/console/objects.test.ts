import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { nastyKeys, startConsole } from './start-console.ts';

const objectPath = (bucket: string, key: string, versionId?: string) =>
  `/_kadam/objects/${bucket}?${new URLSearchParams({ key, ...(versionId && { versionId }) })}`;
const uploadPath = (key: string, recipe?: string) =>
  `/_kadam/uploads?${new URLSearchParams({ key, ...(recipe !== undefined && { recipe }) })}`;

let started: Awaited<ReturnType<typeof startConsole>>;
let ask: (typeof started)['ask'];
let put: (typeof started)['put'];
let client: (typeof started)['client'];
beforeAll(async () => {
  started = await startConsole();
  ({ ask, put, client } = started);
});
afterAll(() => started.close());

const keysOf = async (prefix = '') => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'input', Prefix: prefix }));
  return Contents.map(({ Key }) => Key);
};

describe('an object', () => {
  it.each([
    ['a.jpg', 'image/jpeg', 'image/jpeg', 'inline'],
    ['a.avif', 'image/avif', 'image/avif', 'inline'],
    ['a.bin', 'image/png', 'image/png', 'inline'],
    ['manifest.json', 'application/json', 'text/plain; charset=utf-8', 'inline'],
    ['a.jpg', undefined, 'image/jpeg', 'inline'],
    ['A.PNG', 'binary/octet-stream', 'image/png', 'inline'],
    ['a.svg', 'image/svg+xml', 'application/octet-stream', 'attachment'],
    ['a.svg', undefined, 'application/octet-stream', 'attachment'],
    ['a.html', 'text/html', 'application/octet-stream', 'attachment'],
    ['a.jpg', 'text/html', 'application/octet-stream', 'attachment'],
    ['a.jpg', 'image/jpeg; charset=x, text/html', 'application/octet-stream', 'attachment'],
    ['a.tif', 'image/tiff', 'application/octet-stream', 'attachment'],
    ['a', undefined, 'application/octet-stream', 'attachment'],
  ])('%s stored as %s is answered as %s, %s', async (key, stored, shown, disposition) => {
    const content = '<script>alert(document.domain)</script>';
    await put('input', key, content, stored);
    const { status, headers, body } = await ask(objectPath('input', key));
    expect([status, body.toString()]).toEqual([200, content]);
    expect(headers).toMatchObject({
      'content-type': shown,
      'content-disposition': `${disposition}; filename*=UTF-8''${key}`,
      'content-length': String(content.length),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    const policy = headers['content-security-policy']?.toString() ?? '';
    expect(policy).toMatch(/^default-src 'none';.*; sandbox$/);
    expect(policy).not.toMatch(/script-src|allow-/);
  });

  it('is answered in the version that is asked for', async () => {
    const older = await put('output', 'a/b.jpg', 'older');
    await put('output', 'a/b.jpg', 'newer');
    expect((await ask(objectPath('output', 'a/b.jpg'))).body.toString()).toBe('newer');
    expect((await ask(objectPath('output', 'a/b.jpg', older))).body.toString()).toBe('older');
  });

  it.each([
    ['of a bucket that is none of Kadam’s', objectPath('private', 'a'), 404],
    ['that is not there', objectPath('input', 'none'), 404],
    ['without a key', '/_kadam/objects/input', 400],
    ['with a key that is no text', '/_kadam/objects/input?key=%FF', 400],
    ['of a version that is none', objectPath('input', 'a', 'nonsense'), 404],
  ])('%s is refused', async (_, path, status) => {
    await put('input', 'a', 'x');
    await put('private', 'a', 'x');
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  });
});

describe('an upload', () => {
  it.each(nastyKeys)('arrives under %j as it is, and is found there', async (key) => {
    const body = Buffer.from([0, 255, 13, 10, 128]);
    const headers = { 'content-type': 'image/png' };
    const answer = await ask(uploadPath(key), { method: 'PUT', headers, body });
    expect(answer.status).toBe(201);
    const { href, ...reference } = z
      .strictObject({ bucket: z.string(), key: z.string(), versionId: z.string(), href: z.string() })
      .parse(answer.json);
    expect(reference).toMatchObject({ bucket: 'input', key });
    expect(await keysOf()).toContain(key);
    const shown = await ask(href);
    expect(shown.body).toEqual(body);
    expect(shown.headers['content-disposition']).toMatch(/^inline; filename\*=UTF-8''[\w%.~!*-]+$/);
  });

  it('goes under a key whose question mark a careless client left as it is', async () => {
    expect(await ask('/_kadam/uploads?key=what?.jpg', { method: 'PUT', body: 'x' })).toMatchObject({
      status: 201,
      json: { key: 'what?.jpg' },
    });
  });

  it('asks for recipes, or leaves that to the rules', async () => {
    const metadataOf = async (path: string) => {
      expect((await ask(path, { method: 'PUT', body: 'x' })).status).toBe(201);
      return (await client.send(new HeadObjectCommand({ Bucket: 'input', Key: 'a.jpg' }))).Metadata;
    };
    expect(await metadataOf(uploadPath('a.jpg'))).toEqual({});
    expect(await metadataOf(uploadPath('a.jpg', 'web'))).toEqual({ 'kadam-recipe': 'web' });
    expect(await metadataOf(uploadPath('a.jpg', 'web,archive'))).toEqual({ 'kadam-recipe': 'web,archive' });
  });

  it.each([
    ['an unknown recipe', uploadPath('a', 'wbe'), 400, 'UnknownRecipe'],
    ['recipes with a hole', uploadPath('a', 'web,,archive'), 400, 'UnknownRecipe'],
    ['no key', '/_kadam/uploads', 400, 'InvalidQuery'],
    ['a key that is no text', '/_kadam/uploads?key=%C3', 400, 'InvalidQuery'],
    ['two keys', '/_kadam/uploads?key=a&key=b', 400, 'InvalidQuery'],
    ['what it does not know', '/_kadam/uploads?key=a&bucket=output', 400, 'InvalidQuery'],
    ['a key that S3 does not take', uploadPath('x'.repeat(1025)), 400, 'KeyTooLongError'],
  ])('with %s is refused, and stored nowhere', async (_, path, status, code) => {
    const before = await keysOf();
    const answer = await ask(path, { method: 'PUT', body: 'x' });
    expect(answer).toMatchObject({ status, json: { error: { code, message: expect.any(String) } } });
    expect(await keysOf()).toEqual(before);
  });

  it('of an unknown length is refused', async () => {
    const headers = { 'transfer-encoding': 'chunked' };
    const answer = await ask(uploadPath('a'), { method: 'PUT', headers, body: 'x' });
    expect(answer).toMatchObject({ status: 411, json: { error: { code: 'MissingContentLength' } } });
  });

  it('that is broken off stores nothing, and the next one works', async () => {
    const bodies = async () => (await readdir(join(started.dataDir, 'bodies'))).length;
    const before = await bodies();
    const headers = { 'content-length': 1_000_000 };
    const request = send({
      host: '127.0.0.1',
      port: started.port,
      path: uploadPath('broken/half.jpg'),
      method: 'PUT',
      headers,
    });
    const broken = once(request, 'error');
    request.write(Buffer.alloc(500_000), () => request.destroy(new Error('gone')));
    expect(await broken).toMatchObject([{ message: 'gone' }]);
    expect((await ask(uploadPath('broken/whole.jpg'), { method: 'PUT', body: 'x' })).status).toBe(201);
    expect(await keysOf('broken/')).toEqual(['broken/whole.jpg']);
    await expect.poll(bodies).toBe(before + 1);
  });

  it('of 300 MB goes through without being held in memory, and comes back so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kadam-console-'));
    const host = fork(join(import.meta.dirname, 'console-host.ts'), [folder], {
      execArgv: ['--max-old-space-size=96'],
    });
    onTestFinished(async () => {
      const gone = once(host, 'exit');
      host.disconnect();
      await gone;
      await rm(folder, { recursive: true, force: true });
    });
    const [{ port }] = z
      .tuple([z.object({ port: z.number() })])
      .rest(z.unknown())
      .parse(await once(host, 'message'));
    const block = Buffer.alloc(1024 ** 2, 'kadam');
    const headers = { 'content-length': 300 * block.length };
    const put = send({ host: '127.0.0.1', port, path: uploadPath('large.tif'), method: 'PUT', headers, agent: false });
    const answered = once(put, 'response');
    await pipeline(Readable.from(Array.from({ length: 300 }, () => block)), put);
    const [{ statusCode }] = z.tuple([z.object({ statusCode: z.number() })]).parse(await answered);
    expect(statusCode).toBe(201);

    let bytes = 0;
    const got = await fetch(`http://127.0.0.1:${port}${objectPath('input', 'large.tif')}`);
    for await (const chunk of got.body ?? []) bytes += chunk.length;
    expect(bytes).toBe(300 * block.length);
    host.send('peak');
    const [{ peakKilobytes }] = z
      .tuple([z.object({ peakKilobytes: z.number() })])
      .rest(z.unknown())
      .parse(await once(host, 'message'));
    expect(peakKilobytes).toBeLessThan(250 * 1024);
  }, 60_000);
});
