import type { Store } from '../store/open-store.ts';
import type { Answer } from '../wire/answer.ts';
import { readByteRange } from '../wire/byte-range.ts';
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

/** What GET and HEAD have in common: all but the bytes. */
const describe = (store: Store, request: S3Request) => {
  const { headers, query } = request;
  const version = store.versions.require(request.bucket, request.key, query.get('versionId'));
  const { size, etag, modified, details } = version;
  checkReadConditions(headers, version);
  const range = readByteRange(headers.get('range'), size);
  const { first, last } = range ?? { first: 0, last: size - 1 };
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
      'x-amz-version-id': store.versions.visibleId(version),
    },
  };
  return { version, range: { first, last }, answer };
};
