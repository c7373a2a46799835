import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { accountId } from '../../names.ts';
import { readQuery, splitUrl } from '../../signatures/canonical-request.ts';
import { percentDecode } from '../../signatures/percent-encoding.ts';
import { S3Error } from '../s3-error.ts';
import { authenticate, type SignedBody } from './authenticate.ts';

/** One request in S3's terms. `bucket` is '' for the service itself, `key` '' for a bucket; names are in lower case. */
export type S3Request = {
  readonly id: string;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  readonly signedBody: SignedBody;
  readonly message: IncomingMessage;
};

/** A key's limit (S3 user guide, 'Naming Amazon S3 objects'). */
const maximumKeyBytes = 1024;

/** What only signs a request. `x-id` names the operation for the SDK's own sake. */
const signing =
  /^(x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)|x-id|awsaccesskeyid|signature|expires)$/i;

/** Headers that ask for what this S3 has not, with the values that ask for nothing beyond what it does anyway. */
const unsupportedHeaders: readonly (readonly [RegExp, ...string[]])[] = [
  [/^x-amz-acl$/, 'private', 'bucket-owner-full-control'],
  [/^x-amz-storage-class$/, 'STANDARD'],
  [/^x-amz-server-side-encryption$/, 'AES256'],
  [/^x-amz-(source-)?expected-bucket-owner$/, accountId],
  [/^x-amz-bucket-object-lock-enabled$/, 'false'],
  [/^x-amz-((copy-source-)?server-side-encryption-|grant-|object-lock-|if-match-|bypass-governance-retention$|mfa$)/],
  [/^x-amz-(website-redirect-location|write-offset-bytes)$/],
];

/**
 * Verifies a request, and reads method, path-style address, query and headers. The path is taken as it was sent: a URL
 * parser would resolve `..` and fold what are different keys. Query parameters x-amz-* of presigned URLs stand for
 * headers, but for checksums, which SDKs take over an empty body when they presign and which AWS ignores there.
 * @throws SignatureError
 * @throws S3Error InvalidURI, KeyTooLongError, NotImplemented, and what `authenticate` throws
 */
export const readRequest = (message: IncomingMessage): S3Request => {
  const { path, query: parameters } = splitUrl(message.url);
  const slash = path.indexOf('/', 1);
  const bucket = decode(path.slice(1, slash === -1 ? undefined : slash));
  const key = slash === -1 ? '' : decode(path.slice(slash + 1));
  if (bucket === '' && key !== '') throw new S3Error('InvalidBucketName');
  const signedBody = authenticate(message);

  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) if (typeof value === 'string') headers.set(name, value);
  const query = new Map<string, string>();
  for (const [name, value] of readQuery(parameters)) {
    if (signing.test(name) || /^x-amz-(checksum-(crc|sha)|sdk-checksum-)/i.test(name)) continue;
    if (!/^(x-amz-|content-(type|md5)$)/i.test(name)) {
      query.set(name, value);
    } else if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw new S3Error('InvalidArgument', { message: `Expected a header's name but received '${name}'.` });
    } else if (!headers.has(name.toLowerCase())) {
      // In the form that Node gives to real headers: bytes as latin1.
      headers.set(name.toLowerCase(), Buffer.from(value).toString('latin1'));
    }
  }
  refuseUnsupported(headers);
  refuseLongKey(key);
  return { id: createRequestId(), method: message.method ?? 'GET', bucket, key, query, headers, signedBody, message };
};

/** @throws S3Error KeyTooLongError */
export const refuseLongKey = (key: string): void => {
  const bytes = Buffer.byteLength(key);
  if (bytes <= maximumKeyBytes) return;
  throw new S3Error('KeyTooLongError', { details: { Size: bytes, MaxSizeAllowed: maximumKeyBytes } });
};

/** As long and as opaque as AWS's. */
export const createRequestId = (): string => randomBytes(8).toString('hex').toUpperCase();

const decode = (text: string): string => {
  try {
    return percentDecode(text);
  } catch (cause) {
    throw new S3Error('InvalidURI', { cause });
  }
};

const refuseUnsupported = (headers: ReadonlyMap<string, string>): void => {
  for (const [name, value] of headers) {
    if (unsupportedHeaders.some(([pattern, ...allowed]) => pattern.test(name) && !allowed.includes(value))) {
      throw new S3Error('NotImplemented', { details: { Header: name } });
    }
  }
};
