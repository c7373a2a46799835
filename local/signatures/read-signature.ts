import { type SignedMessage, splitUrl } from './canonical-request.ts';
import { keyPairHint, SignatureError } from './signature-error.ts';

/** A request's Signature Version 4 as the client sent it. */
export type Signature = {
  accessKeyId: string;
  scope: { date: string; region: string; service: string };
  signedHeaders: string[];
  /** 64 hexadecimal digits. */
  value: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  time: string;
  /** Seconds after `time` for which a presigned URL is good; undefined where the signature is in the header. */
  expires?: number;
};

type Fields = { algorithm?: string; credential?: string; signedHeaders?: string; signature?: string };

/** One week, the longest life of a presigned URL. */
const maximumExpires = 604_800;

/**
 * Reads the signature from the Authorization header or a presigned URL's query.
 * @throws SignatureError AccessDenied where there is none, InvalidRequest where it is of another kind (Version 2 in a
 *   header, Version 4A), AuthorizationHeaderMalformed, AuthorizationQueryParametersError
 */
export const readSignature = (message: SignedMessage): Signature => {
  const authorization = message.headersDistinct.authorization?.[0];
  if (authorization !== undefined) return readHeader(authorization, message);
  const query = new URLSearchParams(splitUrl(message.url).query);
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return readPresigned(query);
  throw new SignatureError('AccessDenied', `Access Denied. The request is not signed. ${keyPairHint}.`);
};

const readHeader = (authorization: string, { headersDistinct }: SignedMessage): Signature => {
  const [algorithm = '', ...rest] = authorization.split(' ');
  const parts = new Map(
    rest
      .join(' ')
      .split(',')
      .map((part) => [part.split('=')[0]?.trim(), part.slice(part.indexOf('=') + 1).trim()]),
  );
  const fields = {
    algorithm,
    credential: parts.get('Credential'),
    signedHeaders: parts.get('SignedHeaders'),
    signature: parts.get('Signature'),
  };
  const malformed = (what: string) =>
    new SignatureError('AuthorizationHeaderMalformed', `The authorization header is malformed; ${what}`);
  const date = headersDistinct['x-amz-date']?.[0] ?? headersDistinct.date?.[0] ?? '';
  const time = /^\d{8}T\d{6}Z$/.test(date) ? date : basicTime(Date.parse(date));
  if (time === undefined) {
    throw new SignatureError('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  }
  return readFields(fields, time, malformed);
};

const readPresigned = (query: URLSearchParams): Signature => {
  const parameter = (name: string): string | undefined => query.get(`X-Amz-${name}`) ?? undefined;
  const malformed = (what: string) => new SignatureError('AuthorizationQueryParametersError', what);
  const fields = {
    algorithm: parameter('Algorithm'),
    credential: parameter('Credential'),
    signedHeaders: parameter('SignedHeaders'),
    signature: parameter('Signature'),
  };
  const time = parameter('Date');
  const expires = parameter('Expires');
  if (time === undefined || expires === undefined) {
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
        'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (Number.isNaN(epochOf(time)))
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!/^\d+$/.test(expires)) throw malformed('X-Amz-Expires should be a number');
  if (Number(expires) > maximumExpires) {
    throw malformed(`X-Amz-Expires must be less than a week (in seconds) that is ${maximumExpires}`);
  }
  return { ...readFields(fields, time, malformed), expires: Number(expires) };
};

const readFields = (
  { algorithm, credential = '', signedHeaders = '', signature = '' }: Fields,
  time: string,
  malformed: (what: string) => SignatureError,
): Signature => {
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw new SignatureError(
      'InvalidRequest',
      `The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. (It was '${algorithm}'.)`,
    );
  }
  const [, accessKeyId, date, region, service] =
    /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential) ?? [];
  if (!accessKeyId || !date || !region || !service) {
    throw malformed('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  if (!time.startsWith(date)) {
    throw malformed(
      `Invalid credential date "${date}". This date is not the same as X-Amz-Date: "${time.slice(0, 8)}".`,
    );
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) throw malformed('the Signature is not 64 hexadecimal digits.');
  const names = signedHeaders.split(';');
  if (!names.includes('host')) throw malformed("SignedHeaders must have 'host' in it.");
  return { accessKeyId, scope: { date, region, service }, signedHeaders: names, value: signature, time };
};

/** Milliseconds since 1970 of a `YYYYMMDDTHHMMSSZ`, NaN where it is none. */
export const epochOf = (time: string): number =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const basicTime = (epoch: number): string | undefined =>
  Number.isNaN(epoch) ? undefined : new Date(epoch).toISOString().replace(/[-:]|\.\d+/g, '');
