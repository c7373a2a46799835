import { S3Error } from '../s3-error.ts';
import type { S3EventName } from '../s3-event-record.ts';
import type { Store } from '../store/open-store.ts';
import type { Version } from '../store/version.ts';
import { checksumElements, checksumHeaders } from '../wire/checksums.ts';
import { checkReadConditions, readWriteCondition } from '../wire/conditions.ts';
import { readCopySource } from '../wire/copy-source.ts';
import { type ObjectHeaders, readObjectHeaders } from '../wire/object-headers.ts';
import { openPayload, type Payload } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { causeOf, type Operation, quoted, readAgain } from './operation.ts';

export const putObject: Operation = async (store, request) => {
  const described = readObjectHeaders(request.headers);
  const version = await write(store, request, 'ObjectCreated:Put', described, () => openPayload(request));
  return {
    headers: {
      etag: quoted(version.etag),
      'x-amz-version-id': store.versions.visibleId(version),
      ...checksumHeaders(version.details.checksum),
      'content-length': 0,
    },
  };
};

/** Copies as one PUT of the source's bytes, so the copy of a multipart object has a plain ETag, as at AWS. */
export const copyObject: Operation = async (store, request) => {
  const { headers } = request;
  const from = readCopySource(headers.get('x-amz-copy-source'));
  const source = store.versions.require(from.bucket, from.key, from.versionId);
  checkReadConditions(headers, source, 'x-amz-copy-source-');
  const isReplaced = isReplacing(headers, 'metadata');
  const isItself = from.bucket === request.bucket && from.key === request.key && from.versionId === undefined;
  if (isItself && !isReplaced) {
    throw new S3Error('InvalidRequest', { message: 'Expected new metadata for a copy of an object onto itself.' });
  }
  const given = readObjectHeaders(headers);
  const described = {
    ...(isReplaced ? given : source.details),
    tags: isReplacing(headers, 'tagging') ? given.tags : source.details.tags,
  };
  const range = { first: 0, last: source.size - 1 };
  const open = () => readAgain(store, source, range, source.details.checksum?.algorithm);
  const version = await write(store, request, 'ObjectCreated:Copy', described, open);
  return {
    headers: {
      'x-amz-version-id': store.versions.visibleId(version),
      'x-amz-copy-source-version-id': store.versions.visibleId(source),
    },
    xml: {
      root: 'CopyObjectResult',
      content: {
        LastModified: new Date(version.modified).toISOString(),
        ETag: quoted(version.etag),
        ...checksumElements(version.details.checksum),
      },
    },
  };
};

/** Stores what comes in and makes it the newest version. The condition is checked before the first byte, and again. */
const write = (
  store: Store,
  request: S3Request,
  event: S3EventName,
  { headers, metadata, tags }: ObjectHeaders,
  open: () => Payload,
): Promise<Version> => {
  const { bucket, key } = request;
  const condition = readWriteCondition(request.headers);
  store.versions.check(bucket, key, condition);
  const payload = open();
  return store.bodies.write(payload.chunks, (name) => {
    const { size, md5, checksum } = payload.digest();
    const details = { headers, metadata, tags, checksum, files: [{ name, size }] };
    const draft = { bucket, key, size, etag: md5.toString('hex'), details };
    return store.versions.put(draft, condition, causeOf(request, event));
  });
};

/** Whether a copy takes its metadata or tags from the request instead of the source. */
const isReplacing = (headers: S3Request['headers'], what: 'metadata' | 'tagging'): boolean => {
  const directive = headers.get(`x-amz-${what}-directive`) ?? 'COPY';
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw new S3Error('InvalidArgument', { message: `Expected COPY or REPLACE but received ${directive}.` });
};
