import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, calls, startEndpoint } from './endpoint.ts';
import { type RawAnswer, sendAsIs } from './s3/s3-harness.ts';
import { presign } from './s3/sign-request.ts';

let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
let port: number;
beforeAll(async () => {
  endpoint = await startEndpoint();
  ({ port } = endpoint);
});
afterAll(() => endpoint.close());

const services = calls.map((call): [string, Call] => [call.service, call]);
const signedServices = services.filter(([service]) => service !== 'page');

const expectNoCors = ({ headers }: RawAnswer) =>
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);

/** Refused with a code, in words, and with no leave for any origin. */
const expectRefused = (answer: RawAnswer, code: string) => {
  expect(answer).toMatchObject({ status: 403, body: expect.stringContaining(code) });
  expect(answer.body).toContain('Expected');
  expectNoCors(answer);
};

const credential = (service: string) => `kadam/20260101/us-east-1/${service}/aws4_request`;

describe.each(services)('%s', (service, call) => {
  it('answers programs, and its own page', async () => {
    const own = `http://127.0.0.1:${port}`;
    const all: Record<string, string>[] = [
      {},
      { host: `localhost:${port}` },
      { host: `localhost:${port}`, origin: `http://localhost:${port}` },
      { origin: own, 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of all) {
      const answer = await endpoint.ask(call, headers);
      expect(answer.status, JSON.stringify(headers)).toBe(200);
      expectNoCors(answer);
    }
  });

  it.each([
    ['another name', 'evil.example'],
    ['another name with the port', 'evil.example:PORT'],
    ['another port', '127.0.0.1:1'],
    ['no port', 'localhost'],
    ['a name that begins alike', 'localhost:PORT.evil.example'],
  ])('refuses what comes under %s', async (_, host) => {
    expectRefused(await endpoint.ask(call, { host: host.replace('PORT', String(port)) }), 'ForeignHost');
  });

  it.each<[string, Record<string, string>]>([
    ['another origin', { origin: 'http://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['https', { origin: 'https://127.0.0.1:PORT' }],
    ['the other name of this machine', { origin: 'http://localhost:PORT' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin of the site', { 'sec-fetch-site': 'same-site' }],
  ])('refuses what a page of %s sends', async (_, headers) => {
    const sent = Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', String(port))]);
    expectRefused(await endpoint.ask(call, Object.fromEntries(sent)), 'ForeignOrigin');
  });

  it('gives nobody leave beforehand', async () => {
    for (const origin of [`http://127.0.0.1:${port}`, 'http://evil.example']) {
      const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' };
      expectRefused(await endpoint.ask({ ...call, method: 'OPTIONS', body: '' }, headers), 'AccessForbidden');
      const path = `${call.path.split('?')[0]}?X-Amz-Credential=${encodeURIComponent(credential(service))}`;
      expectRefused(await sendAsIs(port, 'OPTIONS', path, headers), 'AccessForbidden');
    }
  });
});

describe.each(signedServices)('%s', (service, call) => {
  it('answers nobody who does not sign, or not as is due', async () => {
    const { method, headers = {}, body } = call;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credential(service)}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const path = `${call.path}${call.path.includes('?') ? '&' : '?'}X-Amz-Credential=${encodeURIComponent(credential(service))}`;
    const answers = [
      await endpoint.ask(call, {}, 'wrong'),
      await sendAsIs(port, method, path, headers, body),
      await sendAsIs(port, method, call.path, { ...headers, authorization, 'x-amz-date': '20260101T000000Z' }, body),
      await sendAsIs(port, method, call.path, { ...headers, authorization: authorization.split(',')[0] ?? '' }, body),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, service === 's3' ? 400 : 403, 403]);
    for (const answer of answers) expectNoCors(answer);
  });
});

describe('a link of another site', () => {
  const followed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

  it('leads to the page', async () => {
    expect(await sendAsIs(port, 'GET', '/', followed)).toMatchObject({ status: 200 });
  });

  it.each<[string, string, string, Record<string, string>]>([
    ['what the page shows', 'GET', '/_kadam/jobs', {}],
    ['the page with a query', 'GET', '/?x', {}],
    ['the page in a frame', 'GET', '/', { 'sec-fetch-dest': 'iframe' }],
    ['the page as a script', 'GET', '/', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    ['the page by a form', 'POST', '/', {}],
  ])('does not lead to %s', async (_, method, path, more) => {
    expectRefused(await sendAsIs(port, method, path, { ...followed, ...more }), 'ForeignOrigin');
  });

  it('does not lead to an object, though presigned', async () => {
    const url = presign({ port, method: 'GET', path: '/input?list-type=2' }, 60);
    expect(await sendAsIs(port, 'GET', url)).toMatchObject({ status: 200 });
    expectRefused(await sendAsIs(port, 'GET', url, followed), 'ForeignOrigin');
  });
});

describe('an object', () => {
  it('is no document of the origin that the page has', async () => {
    const path = '/input/page.html';
    const script = '<script>alert(1)</script>';
    const put: Call = { service: 's3', method: 'PUT', path, headers: { 'content-type': 'text/html' }, body: script };
    expect(await endpoint.ask(put)).toMatchObject({ status: 200 });
    const shown = `${path}?response-content-type=text%2Fhtml`;
    for (const asked of [path, shown, '/input?list-type=2', '/input/none']) {
      const { headers } = await endpoint.ask({ service: 's3', method: 'GET', path: asked });
      expect(headers, asked).toMatchObject({
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
      });
    }
    const url = presign({ port, method: 'GET', path: shown }, 60);
    expect(await sendAsIs(port, 'GET', url)).toMatchObject({
      ...{ status: 200, body: script },
      headers: { 'content-type': 'text/html', 'content-security-policy': 'sandbox' },
    });
  });
});
