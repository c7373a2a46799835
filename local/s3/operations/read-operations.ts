import { S3Error } from '../s3-error.ts';
import type { Store } from '../store/open-store.ts';
import type { Answer } from '../wire/answer.ts';
import { readByteRange } from '../wire/byte-range.ts';
import { type Checksum, checksumHeader } from '../wire/checksums.ts';
import { checkReadConditions } from '../wire/conditions.ts';
import { writeObjectHeaders } from '../wire/object-headers.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { type Operation, quoted } from './operation.ts';

export const getObject: Operation = (store, request) => {
  const { version, range, answer } = describe(store, request);
  return { ...answer, body: store.bodies.read(version.details.files, range) };
};

export const headObject: Operation = (store, request) => describe(store, request).answer;

/** The headers that tell a checksum, on reads and on the answers of writes. */
export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};

/** What GET and HEAD have in common: all but the bytes. */
const describe = (store: Store, request: S3Request) => {
  const { headers, query } = request;
  const version = store.versions.require(request.bucket, request.key, query.get('versionId'));
  const { size, etag, modified, details } = version;
  checkReadConditions(headers, version);
  const range = readByteRange(headers.get('range'), size);
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const tags = Object.keys(details.tags).length;
  const answer: Answer = {
    status: range ? 206 : 200,
    headers: {
      ...writeObjectHeaders(details),
      // A checksum of the whole says nothing of a part.
      ...(headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' &&
        !range &&
        checksumHeaders(details.checksum)),
      'accept-ranges': 'bytes',
      'content-length': last - first + 1,
      'content-range': range && `bytes ${first}-${last}/${size}`,
      etag: quoted(etag),
      'last-modified': new Date(modified).toUTCString(),
      'x-amz-tagging-count': tags > 0 ? tags : undefined,
      'x-amz-version-id': store.versions.visibleId(version),
      ...overrides(query),
    },
  };
  return { version, range: { first, last }, answer };
};

/** The query parameters by which a link sets headers of its answer. */
export const overridable = [
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
];

const overrides = (query: ReadonlyMap<string, string>): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const name of overridable) {
    const value = query.get(name);
    if (value !== undefined && !/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) {
      throw new S3Error('InvalidArgument', {
        message: 'Header value cannot be represented using ISO-8859-1.',
        details: { ArgumentName: name },
      });
    }
    if (value !== undefined) headers[name.slice('response-'.length)] = value;
  }
  return headers;
};
