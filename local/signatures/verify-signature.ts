import { createHash, createHmac } from 'node:crypto';
import { credentials } from '../names.ts';
import { type CanonicalOptions, canonicalRequest, type SignedMessage } from './canonical-request.ts';
import { epochOf, type Signature } from './read-signature.ts';
import { keyPairHint, SignatureError } from './signature-error.ts';

export type VerifyOptions = Omit<CanonicalOptions, 'signedHeaders'> & {
  /** Milliseconds since 1970. */
  now?: number;
  /** The one key pair that is known. */
  keyPair?: { accessKeyId: string; secretAccessKey: string };
};

/** What a verified request's chunks are signed with. */
export type SigningContext = { key: Buffer; time: string; scope: string; signature: string };

/** How far a client's clock may be off: 15 minutes. */
const maximumSkewMs = 15 * 60_000;

export const sha256 = (text: string | Uint8Array): string =>
  createHash('sha256')
    .update(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
    .digest('hex');

export const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Verifies a Signature Version 4 by making it again. Any region is good: this one cloud stands for whichever region
 * its client is set to.
 * @throws SignatureError InvalidAccessKeyId, RequestTimeTooSkewed, AccessDenied (expired, or headers not signed),
 *   SignatureDoesNotMatch with what was signed here, as S3 tells it
 */
export const verifySignature = (
  message: SignedMessage,
  signature: Signature,
  options: VerifyOptions,
): SigningContext => {
  const { keyPair = credentials, now = Date.now() } = options;
  const { accessKeyId, scope, signedHeaders, time } = signature;
  if (accessKeyId !== keyPair.accessKeyId) throw unknownKey(accessKeyId);
  checkTime(signature, now);
  const unsigned = Object.keys(message.headersDistinct).filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw new SignatureError('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
  }

  const canonical = canonicalRequest(message, { ...options, signedHeaders });
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', time, scopeText, sha256(canonical)].join('\n');
  const key = hmac(
    hmac(hmac(hmac(`AWS4${keyPair.secretAccessKey}`, scope.date), scope.region), scope.service),
    'aws4_request',
  );
  if (hmac(key, stringToSign).toString('hex') !== signature.value) {
    throw mismatch(accessKeyId, signature.value, {
      StringToSign: stringToSign,
      StringToSignBytes: spacedHex(stringToSign),
      CanonicalRequest: Buffer.from(canonical, 'latin1').toString(),
      CanonicalRequestBytes: spacedHex(canonical),
    });
  }
  return { key, time, scope: scopeText, signature: signature.value };
};

export const unknownKey = (accessKeyId: string): SignatureError =>
  new SignatureError(
    'InvalidAccessKeyId',
    `The AWS Access Key Id you provided does not exist in our records. ${keyPairHint}.`,
    { AWSAccessKeyId: accessKeyId },
  );

export const mismatch = (accessKeyId: string, provided: string, details: Record<string, string>): SignatureError =>
  new SignatureError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing ' +
      `method. ${keyPairHint}.`,
    { AWSAccessKeyId: accessKeyId, SignatureProvided: provided, ...details },
  );

const spacedHex = (latin1: string): string =>
  Buffer.from(latin1, 'latin1')
    .toString('hex')
    .replace(/..(?!$)/g, '$& ');

const checkTime = ({ time, expires }: Signature, now: number): void => {
  const signed = epochOf(time);
  if (expires === undefined) {
    // NaN, a date that there is not, is too far off as well.
    if (Math.abs(now - signed) <= maximumSkewMs) return;
    throw new SignatureError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      { RequestTime: time, ServerTime: new Date(now).toISOString(), MaxAllowedSkewMilliseconds: maximumSkewMs },
    );
  }
  if (signed > now + maximumSkewMs) throw new SignatureError('AccessDenied', 'Request is not yet valid');
  checkExpiry(signed + expires * 1000, now, { 'X-Amz-Expires': expires });
};

/** @throws SignatureError AccessDenied where a presigned URL has had its time */
export const checkExpiry = (end: number, now: number, details: Record<string, string | number> = {}): void => {
  if (now <= end) return;
  throw new SignatureError('AccessDenied', 'Request has expired', {
    ...details,
    Expires: new Date(end).toISOString(),
    ServerTime: new Date(now).toISOString(),
  });
};
