import { S3Error } from '../s3-error.ts';
import type { VersionDetails } from '../store/version.ts';
import { checksumAlgorithm, createMeter } from '../wire/checksums.ts';
import { checkReadConditions, readWriteCondition } from '../wire/conditions.ts';
import { readObjectHeaders } from '../wire/object-headers.ts';
import { openPayload } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { causeOf, type Operation, quoted } from './operation.ts';
import { checksumHeaders } from './read-operations.ts';
import { readTagHeader } from './tagging-operations.ts';

export const putObject: Operation = async (store, request) => {
  const { bucket, key } = request;
  store.buckets.require(bucket);
  const condition = readWriteCondition(request.headers);
  store.versions.check(bucket, key, condition);
  const described = { ...readObjectHeaders(request.headers), tags: readTagHeader(request) };
  const payload = openPayload(request);
  const version = await store.bodies.write(payload.chunks, (name) => {
    const { size, md5, checksum } = payload.digest();
    const details = { ...described, checksum, files: [{ name, size }] };
    const draft = { bucket, key, size, etag: md5.toString('hex'), details };
    return store.versions.put(draft, condition, causeOf(request, 'ObjectCreated:Put'));
  });
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
  const { bucket, key, headers } = request;
  store.buckets.require(bucket);
  const condition = readWriteCondition(headers);
  store.versions.check(bucket, key, condition);
  const from = readCopySource(headers.get('x-amz-copy-source') ?? '');
  const source = store.versions.require(from.bucket, from.key, from.versionId);
  checkReadConditions(headers, source, 'x-amz-copy-source-');
  const described = describeCopy(request, source.details);
  if (from.bucket === bucket && from.key === key && from.versionId === undefined && described.isUnchanged) {
    throw new S3Error('InvalidRequest', {
      message:
        'This copy request is illegal because it is trying to copy an object to itself without changing the ' +
        "object's metadata, storage class, website redirect location or encryption attributes.",
    });
  }
  const wanted = headers.get('x-amz-checksum-algorithm');
  const algorithm =
    wanted === undefined ? source.details.checksum?.algorithm : checksumAlgorithm.safeParse(wanted).data;
  if (wanted !== undefined && !algorithm) {
    throw new S3Error('NotImplemented', { details: { Header: 'x-amz-checksum-algorithm' } });
  }
  const meter = createMeter(algorithm);
  const bytes = store.bodies.read(source.details.files, { first: 0, last: source.size - 1 });
  const metered = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      meter.update(chunk);
      yield chunk;
    }
  };
  const version = await store.bodies.write(metered(), (name) => {
    const { size, md5, checksum } = meter.digest();
    const details = { ...described.details, checksum, files: [{ name, size }] };
    const draft = { bucket, key, size, etag: md5.toString('hex'), details };
    return store.versions.put(draft, condition, causeOf(request, 'ObjectCreated:Copy'));
  });
  const { checksum } = version.details;
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
        ...(checksum && { ChecksumType: checksum.type, [`Checksum${checksum.algorithm}`]: checksum.value }),
      },
    },
  };
};

/** What a copy says of itself: as its source does, or anew, for metadata and tags each. */
const describeCopy = (request: S3Request, source: VersionDetails) => {
  const isReplaced = (name: string): boolean => {
    const directive = request.headers.get(name) ?? 'COPY';
    if (directive !== 'COPY' && directive !== 'REPLACE') {
      throw new S3Error('InvalidArgument', {
        message: `Expected COPY or REPLACE for ${name} but received ${directive}.`,
      });
    }
    return directive === 'REPLACE';
  };
  const isNew = isReplaced('x-amz-metadata-directive');
  const hasNewTags = isReplaced('x-amz-tagging-directive');
  const { headers, metadata } = isNew ? readObjectHeaders(request.headers) : source;
  const details = { headers, metadata, tags: hasNewTags ? readTagHeader(request) : source.tags };
  return { details, isUnchanged: !isNew && !hasNewTags };
};

const readCopySource = (header: string): { bucket: string; key: string; versionId?: string } => {
  const [, bucket, key, versionId] = /^\/?([^/?]+)\/(.+?)(?:\?versionId=([^&]+))?$/s.exec(header) ?? [];
  try {
    if (bucket !== undefined && key !== undefined) {
      return { bucket, key: decodeURIComponent(key), versionId: versionId && decodeURIComponent(versionId) };
    }
  } catch (cause) {
    throw new S3Error('InvalidURI', { cause });
  }
  throw new S3Error('InvalidArgument', {
    message: 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
  });
};
