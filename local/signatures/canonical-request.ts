import type { IncomingMessage } from 'node:http';
import { percentDecode, percentEncode } from './percent-encoding.ts';
import { SignatureError } from './signature-error.ts';

/** What is signed of a request. */
export type SignedMessage = Pick<IncomingMessage, 'method' | 'url' | 'headersDistinct'>;

export type CanonicalOptions = {
  /** Names in lower case, in the order in which the client lists them. */
  signedHeaders: readonly string[];
  /** SHA-256 in hex of the body, or what stands for it. */
  payloadHash: string;
  /** S3 encodes a path once; every other service encodes the encoded path again. */
  isPathEncodedTwice?: boolean;
};

/** Path and query as they came, without the question mark. */
export const splitUrl = (url = '/'): { path: string; query: string } => {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
};

/** The decoded parameters of a query, in their order. @throws SignatureError InvalidURI */
export const readQuery = (query: string): [name: string, value: string][] =>
  query
    .split('&')
    .filter((item) => item !== '')
    .map((item) => {
      const [name = '', ...value] = item.replaceAll('+', ' ').split('=');
      return [decode(name), decode(value.join('='))];
    });

/**
 * Rebuilds the canonical request that the client has signed (IAM user guide, 'Create a signed AWS API request'): path
 * and query are decoded and encoded again by AWS's rules, whatever the client encoded on the wire. Header values stay
 * as Node has them, bytes as latin1, so the whole is to be hashed as latin1.
 * @throws SignatureError InvalidURI
 */
export const canonicalRequest = (message: SignedMessage, options: CanonicalOptions): string => {
  const { signedHeaders, payloadHash, isPathEncodedTwice = false } = options;
  const { path, query } = splitUrl(message.url);
  return [
    message.method,
    percentEncode(isPathEncodedTwice ? path : decode(path)).replaceAll('%2F', '/'),
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(message.headersDistinct[name])}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
};

/** Sorted by name, then by value, both encoded. A presigned URL's own signature is no part of it. */
const canonicalQuery = (query: string): string =>
  readQuery(query)
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [percentEncode(name), percentEncode(value)])
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join('='))
    .join('&');

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const canonicalValue = (values: readonly string[] = []): string =>
  values.map((value) => value.replace(/[ \t]+/g, ' ').trim()).join(',');

const decode = (text: string): string => {
  try {
    return percentDecode(text);
  } catch {
    throw new SignatureError('InvalidURI', "Couldn't parse the specified URI.");
  }
};
