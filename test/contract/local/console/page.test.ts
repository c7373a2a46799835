import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConsole } from './start-console.ts';

const folder = new URL('../../../../local/console/page/', import.meta.url);
let started: Awaited<ReturnType<typeof startConsole>>;
let ask: (typeof started)['ask'];
let port: number;
beforeAll(async () => {
  started = await startConsole();
  ({ ask, port } = started);
});
afterAll(() => started.close());

const assets = ['/', '/_kadam/console.css', '/_kadam/icon.svg', '/_kadam/console.js'];

describe('the page', () => {
  it('is served with a policy that lets in nothing but its own files, and is kept nowhere', async () => {
    for (const path of assets) {
      const { status, headers, body } = await ask(path);
      expect(status, path).toBe(200);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(body.length).toBeGreaterThan(0);
    }
    expect((await ask('/')).headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it('has every module that it imports, and nothing of somebody else’s', async () => {
    const seen = new Set<string>();
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, headers, body } = await ask(path);
      expect([status, headers['content-type']], path).toEqual([200, 'text/javascript; charset=utf-8']);
      const imports = body.toString().matchAll(/^import .* from '(.*)';$/gm);
      for (const [, target = ''] of imports) {
        expect(target).toMatch(/^\.\//);
        await visit(new URL(target, `http://x${path}`).pathname);
      }
    };
    await visit('/_kadam/console.js');
    const modules = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    expect([...seen].sort()).toEqual(modules.map((name) => `/_kadam/${name}`).sort());
    const html = (await ask('/')).body.toString();
    expect(html).not.toMatch(/(src|href)="(?!\/_kadam\/)|<style|<script>|\son\w+=|\sstyle=/);
  });

  it('makes no markup of text', async () => {
    for (const name of await readdir(folder)) {
      const text = await readFile(new URL(name, folder), 'utf8');
      expect(text, name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser/);
    }
  });

  it('says what it is about', async () => {
    expect((await ask('/_kadam/deployment')).json).toEqual({
      ...{ endpoint: started.endpoint, inputBucket: 'input', outputBucket: 'output', recipes: ['web', 'archive'] },
    });
  });

  it.each([
    ['GET', '/_kadam/none', 404, 'NoSuchPage'],
    ['GET', '/_kadam/../input/key', 404, 'NoSuchPage'],
    ['POST', '/', 405, 'MethodNotAllowed'],
    ['GET', '/_kadam/uploads?key=a', 405, 'MethodNotAllowed'],
    ['DELETE', '/_kadam/objects/input?key=a', 405, 'MethodNotAllowed'],
  ])('refuses %s %s', async (method, path, status, code) => {
    expect(await ask(path, { method })).toMatchObject({ status, json: { error: { code } } });
  });

  it('answers HEAD', async () => {
    const { status, body } = await ask('/', { method: 'HEAD' });
    expect([status, body.length]).toEqual([200, 0]);
  });
});

describe('a request of somebody else’s page', () => {
  it.each([
    ['another name', 'evil.example'],
    ['another name with the port', 'evil.example:PORT'],
    ['another port', '127.0.0.1:1'],
    ['no port', '127.0.0.1'],
    ['a name that begins alike', 'localhost:PORT.evil.example'],
  ])('is refused under %s: %s', async (_, host) => {
    for (const path of ['/', '/_kadam/jobs', '/_kadam/objects/input?key=a']) {
      const answer = await ask(path, { headers: { host: host.replace('PORT', String(port)) } });
      expect(answer).toMatchObject({ status: 403, json: { __type: 'ForeignHost' } });
    }
  });

  it('is taken under localhost, as under the address', async () => {
    expect(await ask('/', { headers: { host: `localhost:${port}` } })).toMatchObject({ status: 200 });
  });

  it.each<[string, (port: number) => Record<string, string>]>([
    ['another origin', () => ({ origin: 'http://evil.example' })],
    ['an opaque origin', () => ({ origin: 'null' })],
    ['another port', () => ({ origin: 'http://127.0.0.1:1' })],
    ['https', (port) => ({ origin: `https://127.0.0.1:${port}` })],
    ['another site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['another origin of the site', () => ({ 'sec-fetch-site': 'same-site' })],
  ])('uploads nothing from %s', async (name, headersFor) => {
    const key = encodeURIComponent(`from ${name}.jpg`);
    const upload = (headers: Record<string, string>) =>
      ask(`/_kadam/uploads?key=${key}`, { method: 'PUT', headers, body: 'picture' });
    expect(await upload(headersFor(port))).toMatchObject({ status: 403, json: { __type: 'ForeignOrigin' } });
    expect((await ask(`/_kadam/objects/input?key=${key}`)).status).toBe(404);
    const own = { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' };
    expect((await upload(own)).status).toBe(201);
  });
});

describe('what a person reads', () => {
  it('names the characters that have no shape, and those that turn others around', async () => {
    const { readable }: { readable(text: string): string } = await import(new URL('format.js', folder).href);
    expect(readable('a\nb\tc\u0085')).toBe('a⟨U+000A⟩b⟨U+0009⟩c⟨U+0085⟩');
    expect(readable('photo\u202Egpj.exe')).toBe('photo⟨U+202E⟩gpj.exe');
    expect(readable('写真 é \u{1F469}\u200D\u{1F680}')).toBe('写真 é \u{1F469}\u200D\u{1F680}');
  });

  it('is aligned and short', async () => {
    const format: {
      seconds(value?: number): string;
      bytes(value: number): string;
      clock(time: number | undefined, now: Date): string;
    } = await import(new URL('format.js', folder).href);
    expect([undefined, 0, 3.149, 99.96, 1234.5].map(format.seconds)).toEqual(['–', '0.0', '3.1', '100', '1,235']);
    expect([0, 999, 1000, 3_140_000, 999_600, 48e9].map(format.bytes)).toEqual([
      ...['0 B', '999 B', '1 kB', '3.1 MB', '1 MB', '48 GB'],
    ]);
    const now = new Date(2026, 0, 2, 13, 5, 9);
    expect(format.clock(now.getTime(), now)).toBe('13:05:09');
    expect(format.clock(new Date(2025, 11, 31, 1, 2, 3).getTime(), now)).toBe('2025-12-31 01:02:03');
    expect(format.clock(undefined, now)).toBe('–');
  });
});
