import type { IncomingMessage } from 'node:http';

/** Why a request is not let in, in words for whoever sent it. */
export type Refusal = { code: 'AccessForbidden' | 'ForeignHost' | 'ForeignOrigin'; message: string };

/**
 * Why a request is one that another site makes a browser send, or undefined for all others. The key pair is known to
 * everybody, so that a signature alone does not keep such out. A name of somebody else's that leads to 127.0.0.1 (DNS
 * rebinding) shows in Host; a form, script or picture of another origin shows in Origin and Sec-Fetch-Site, of which
 * programs that are no browsers send neither. Other sites may link to the page, and to nothing else. What another
 * origin would ask for leave beforehand (a preflight) is given none.
 */
export const refuseStrangers = (request: IncomingMessage): Refusal | undefined => {
  const { method, headers } = request;
  const hosts = ownHosts(request.socket.localPort);
  if (headers.host === undefined || !hosts.includes(headers.host)) {
    const message = `Expected ${hosts.join(' or ')} in the header Host but received '${headers.host}'. Ask http://${hosts[0]}/ instead.`;
    return { code: 'ForeignHost', message };
  }
  if (method === 'OPTIONS') {
    return {
      code: 'AccessForbidden',
      message: 'Expected another method than OPTIONS: no other origin is let in, so there is no CORS to ask for.',
    };
  }
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && origin !== `http://${headers.host}`) return foreignOrigin(`of the origin '${origin}'`);
  if (site === undefined || site === 'same-origin' || site === 'none' || isLinkToPage(request)) return undefined;
  return foreignOrigin(`that a browser calls ${site}`);
};

/** Browsers leave out the port that is http's own. */
const ownHosts = (port: number | undefined): string[] =>
  ['127.0.0.1', 'localhost'].flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));

const isLinkToPage = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  url === '/' &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document';

const foreignOrigin = (what: string): Refusal => ({
  code: 'ForeignOrigin',
  message: `Expected a request of a program or of the embedded cloud's own page but received one ${what}.`,
});
