import { S3Error } from '../s3-error.ts';
import type { S3EventName } from '../s3-event-record.ts';
import type { Store } from '../store/open-store.ts';
import type { Version } from '../store/version.ts';
import { checksumElements, checksumHeaders, createMeter } from '../wire/checksums.ts';
import { checkReadConditions, readWriteCondition } from '../wire/conditions.ts';
import { type ObjectHeaders, readObjectHeaders } from '../wire/object-headers.ts';
import { openPayload, type Payload } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { causeOf, type Operation, quoted } from './operation.ts';

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
  const from = readCopySource(headers.get('x-amz-copy-source') ?? '');
  const source = store.versions.require(from.bucket, from.key, from.versionId);
  checkReadConditions(headers, source, 'x-amz-copy-source-');
  const isReplaced = readDirective(headers.get('x-amz-metadata-directive'));
  const isItself = from.bucket === request.bucket && from.key === request.key && from.versionId === undefined;
  if (isItself && !isReplaced) {
    throw new S3Error('InvalidRequest', { message: 'Expected new metadata for a copy of an object onto itself.' });
  }
  const described = isReplaced ? readObjectHeaders(headers) : source.details;
  const version = await write(store, request, 'ObjectCreated:Copy', described, () => readAgain(store, source));
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
  { headers, metadata }: ObjectHeaders,
  open: () => Payload,
): Promise<Version> => {
  const { bucket, key } = request;
  const condition = readWriteCondition(request.headers);
  store.versions.check(bucket, key, condition);
  const payload = open();
  return store.bodies.write(payload.chunks, (name) => {
    const { size, md5, checksum } = payload.digest();
    const details = { headers, metadata, checksum, files: [{ name, size }] };
    const draft = { bucket, key, size, etag: md5.toString('hex'), details };
    return store.versions.put(draft, condition, causeOf(request, event));
  });
};

const readAgain = (store: Store, { size, details }: Version): Payload => {
  const meter = createMeter(details.checksum?.algorithm);
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of store.bodies.read(details.files, { first: 0, last: size - 1 })) {
      meter.update(chunk);
      yield chunk;
    }
  }
  return { chunks: chunks(), digest: meter.digest };
};

const readDirective = (directive = 'COPY'): boolean => {
  if (directive === 'COPY' || directive === 'REPLACE') return directive === 'REPLACE';
  throw new S3Error('InvalidArgument', { message: `Expected COPY or REPLACE but received ${directive}.` });
};

const readCopySource = (header: string): { bucket: string; key: string; versionId?: string } => {
  const [, bucket, key, versionId] = /^\/?([^/?]+)\/(.+?)(?:\?versionId=([^&]+))?$/s.exec(header) ?? [];
  try {
    if (bucket !== undefined && key !== undefined) return { bucket, key: decodeURIComponent(key), versionId };
  } catch (cause) {
    throw new S3Error('InvalidURI', { cause });
  }
  throw new S3Error('InvalidArgument', {
    message: 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
  });
};
