import { createHmac } from 'node:crypto';
import { credentials } from '../names.ts';
import { readQuery, type SignedMessage, splitUrl } from './canonical-request.ts';
import { SignatureError } from './signature-error.ts';
import { checkExpiry, mismatch, unknownKey } from './verify-signature.ts';

/** Parameters that are part of what is signed (S3 API reference, 'Signing and authenticating REST requests'). */
const signedParameter =
  /^(acl|cors|delete|lifecycle|location|logging|notification|partNumber|policy|requestPayment|tagging|torrent|uploadId|uploads|versionId|versioning|versions|website|response-[a-z-]+)$/;

/** Parameters that stand for headers. */
const headerParameter = /^(x-amz-|content-(type|md5)$)/i;

/** Whether this is a URL presigned by Signature Version 2. */
export const isPresignedV2 = ({ url, headersDistinct }: SignedMessage): boolean =>
  headersDistinct.authorization === undefined && /[?&]AWSAccessKeyId=/.test(url ?? '');

/**
 * Verifies a URL that was presigned by Signature Version 2. It is old, but what boto3's `generate_presigned_url` and
 * `aws s3 presign` of version 1 make for us-east-1 unless told otherwise, and all that `s3cmd signurl` can make; AWS
 * still takes it there. As a header nobody sends it any more, and it is refused.
 *
 * boto3 writes the headers that it has signed into the URL too, in lower case. What stands for a header in any other
 * spelling is no part of what is signed, so that anybody could have added it.
 * @throws SignatureError InvalidAccessKeyId, AccessDenied where it has expired or has parameters that are not signed,
 *   SignatureDoesNotMatch
 */
export const verifyPresignedV2 = (message: SignedMessage): void => {
  const { path, query } = splitUrl(message.url);
  const parameters = readQuery(query);
  const parameter = (name: string): string => parameters.find(([other]) => other === name)?.[1] ?? '';
  const header = (name: string): string => message.headersDistinct[name]?.join(',') ?? parameter(name);
  const expires = parameter('Expires');
  const accessKeyId = parameter('AWSAccessKeyId');
  if (accessKeyId !== credentials.accessKeyId) throw unknownKey(accessKeyId);
  if (!/^\d{1,12}$/.test(expires))
    throw new SignatureError('AccessDenied', 'Invalid date (should be seconds since epoch)');
  checkExpiry(Number(expires) * 1000, Date.now());

  const unsigned = parameters
    .map(([name]) => name)
    .filter((name) => headerParameter.test(name) && name !== name.toLowerCase());
  if (unsigned.length > 0) {
    throw new SignatureError('AccessDenied', 'There were parameters present in the URL which were not signed', {
      ParametersNotSigned: unsigned.join(', '),
    });
  }

  const names = [...Object.keys(message.headersDistinct), ...parameters.map(([name]) => name)];
  const amz = [...new Set(names.filter((name) => name.startsWith('x-amz-')))].sort();
  const resource = parameters
    .filter(([name]) => signedParameter.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const stringToSign = [
    message.method,
    header('content-md5'),
    header('content-type'),
    expires,
    ...amz.map((name) => `${name}:${header(name).trim()}`),
    resource.length === 0 ? path : `${path}?${resource.join('&')}`,
  ].join('\n');
  const signature = createHmac('sha1', credentials.secretAccessKey).update(stringToSign).digest('base64');
  if (signature !== parameter('Signature')) {
    throw mismatch(accessKeyId, parameter('Signature'), { StringToSign: stringToSign });
  }
};
