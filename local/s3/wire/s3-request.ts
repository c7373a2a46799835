import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { accountId } from '../../names.ts';
import { S3Error } from '../s3-error.ts';

/** One request in S3's terms. `bucket` is '' for the service itself, `key` '' for a bucket; names are in lower case. */
export type S3Request = {
  readonly id: string;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
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
  [/^x-amz-(tagging|website-redirect-location|write-offset-bytes)$/],
];

/**
 * Reads method, path-style address, query and headers. The path is taken as it was sent: a URL parser would resolve
 * `..` and fold what are different keys. Query parameters x-amz-* of presigned URLs stand for headers, but for
 * checksums, which SDKs take over an empty body when they presign and which AWS ignores there.
 * @throws S3Error InvalidURI, KeyTooLongError, NotImplemented, AccessDenied for an expired presigned URL
 */
export const readRequest = (message: IncomingMessage): S3Request => {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const path = (mark === -1 ? url : url.slice(0, mark)).slice(1);
  const parameters = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  refuseExpired(parameters);

  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) if (typeof value === 'string') headers.set(name, value);
  const query = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (signing.test(name) || /^x-amz-(checksum-(crc|sha)|sdk-checksum-)/i.test(name)) continue;
    if (/^x-amz-/i.test(name)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
        throw new S3Error('InvalidArgument', { message: `Expected a header's name but received '${name}'.` });
      }
      // In the form that Node gives to real headers: bytes as latin1.
      headers.set(name.toLowerCase(), Buffer.from(value).toString('latin1'));
    } else {
      query.set(name, value);
    }
  }
  refuseUnsupported(headers);

  const slash = path.indexOf('/');
  const key = slash === -1 ? '' : decode(path.slice(slash + 1));
  if (Buffer.byteLength(key) > maximumKeyBytes) throw new S3Error('KeyTooLongError');
  return {
    id: createRequestId(),
    method: message.method ?? 'GET',
    bucket: decode(slash === -1 ? path : path.slice(0, slash)),
    key,
    query,
    headers,
    message,
  };
};

/** As long and as opaque as AWS's. */
export const createRequestId = (): string => randomBytes(8).toString('hex').toUpperCase();

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
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

const refuseExpired = (parameters: URLSearchParams): void => {
  const date = parameters.get('X-Amz-Date');
  const seconds = parameters.get('X-Amz-Expires');
  if (date === null || seconds === null) return;
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signed) || !/^\d{1,7}$/.test(seconds)) throw new S3Error('AuthorizationQueryParametersError');
  if (Date.now() > signed + Number(seconds) * 1000) {
    throw new S3Error('AccessDenied', { message: 'Request has expired' });
  }
};
