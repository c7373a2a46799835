import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../json-protocol.ts';

/**
 * Throws ServiceError for requests that another site makes a browser send. A name of somebody else's that leads to
 * 127.0.0.1 (DNS rebinding) shows in Host; a form or script of another origin shows in Origin and Sec-Fetch-Site, of
 * which programs that are no browsers send neither.
 */
export const refuseStrangers = ({ method, headers }: IncomingMessage, endpoint: string): void => {
  const { host, port } = new URL(endpoint);
  const hosts = [host, port === '' ? 'localhost' : `localhost:${port}`];
  if (headers.host === undefined || !hosts.includes(headers.host)) {
    throw new ServiceError(
      'ForeignHost',
      `Expected ${hosts.join(' or ')} in the header Host but received '${headers.host}'. Open ${endpoint}/ instead.`,
      403,
    );
  }
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, 'sec-fetch-site': site = 'same-origin' } = headers;
  if ((origin === undefined || origin === `http://${headers.host}`) && site === 'same-origin') return;
  throw new ServiceError(
    'ForeignOrigin',
    `Expected a request of the console's own page but received one of ${origin ?? `a ${site} page`}.`,
    403,
  );
};
