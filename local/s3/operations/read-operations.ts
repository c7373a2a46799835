import { S3Error } from '../s3-error.ts';
import type { Store } from '../store/open-store.ts';
import type { Version } from '../store/version.ts';
import type { Answer } from '../wire/answer.ts';
import { type ByteRange, readByteRange } from '../wire/byte-range.ts';
import { checksumHeaders } from '../wire/checksums.ts';
import { checkReadConditions } from '../wire/conditions.ts';
import { writeObjectHeaders } from '../wire/object-headers.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { type Operation, quoted } from './operation.ts';

export const getObject: Operation = (store, request) => {
  const { version, range, answer } = describe(store, request);
  return { ...answer, body: store.bodies.read(version.details.files, range) };
};

export const headObject: Operation = (store, request) => describe(store, request).answer;

/** Parameters by which the client, or whoever presigned its URL, sets a header of the answer. */
export const overrides = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
];

/** What GET and HEAD have in common: all but the bytes. */
const describe = (store: Store, request: S3Request) => {
  const { headers, query } = request;
  const version = store.versions.require(request.bucket, request.key, query.get('versionId'));
  const { size, etag, modified, details } = version;
  checkReadConditions(headers, version);
  const part = readPart(request, version);
  const range = part?.range ?? readByteRange(headers.get('range'), size);
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const answer: Answer = {
    status: range ? 206 : 200,
    headers: {
      ...writeObjectHeaders(details),
      ...readOverrides(query),
      // A checksum of the whole says nothing of a part.
      ...(headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' &&
        !range &&
        checksumHeaders(details.checksum)),
      'accept-ranges': 'bytes',
      'content-length': last - first + 1,
      'content-range': range && `bytes ${first}-${last}/${size}`,
      etag: quoted(etag),
      'last-modified': new Date(modified).toUTCString(),
      'x-amz-mp-parts-count': part?.count,
      'x-amz-version-id': store.versions.visibleId(version),
    },
  };
  return { version, range: { first, last }, answer };
};

/** The part that `partNumber` asks for: its range, unless it is the whole, empty object; and how many parts there are. */
const readPart = (
  { headers, query }: S3Request,
  { details, size }: Version,
): { range?: ByteRange; count?: number } | undefined => {
  const wanted = query.get('partNumber');
  if (wanted === undefined) return undefined;
  if (headers.has('range')) {
    throw new S3Error('InvalidRequest', { message: 'Cannot specify both Range header and partNumber query parameter' });
  }
  const isMultipart = details.files[0]?.part !== undefined;
  let first = 0;
  for (const [index, file] of details.files.entries()) {
    if (String(file.part ?? index + 1) === wanted) {
      const range = size === 0 ? undefined : { first, last: first + file.size - 1 };
      return { range, count: isMultipart ? details.files.length : undefined };
    }
    first += file.size;
  }
  throw new S3Error('InvalidPartNumber', {
    details: { PartNumberRequested: wanted, ActualPartCount: details.files.length },
  });
};

const readOverrides = (query: S3Request['query']): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const name of overrides) {
    const value = query.get(name);
    if (value === undefined) continue;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header cannot hold them
    if (/[\u0000-\u001f\u007f]/.test(value)) {
      throw new S3Error('InvalidArgument', { details: { ArgumentName: name, ArgumentValue: value } });
    }
    headers[name.replace('response-', '')] = Buffer.from(value).toString('latin1');
  }
  return headers;
};
