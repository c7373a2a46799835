import * as z from 'zod';
import { accountId } from '../../names.ts';
import { S3Error } from '../s3-error.ts';
import type { Store } from '../store/open-store.ts';
import type { Part, Upload } from '../store/uploads.ts';
import { checksumElement, checksumHeader } from '../wire/checksums.ts';
import { checkReadConditions } from '../wire/conditions.ts';
import { readCopyRange, readCopySource } from '../wire/copy-source.ts';
import { openPayload, type Payload } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { readLimit } from './list-operations.ts';
import { type Operation, quoted, readAgain } from './operation.ts';

/** S3 quotas: parts are numbered from 1 to 10,000. */
export const maximumParts = 10_000;
export const partNumber = z.coerce.number().int().min(1).max(maximumParts);

export const uploadPart: Operation = async (store, request) => {
  const { upload, number } = findUpload(store, request);
  const part = await write(store, upload, number, openPayload(request, { wanted: upload.details.checksum?.algorithm }));
  const sum = part.checksum && { [checksumHeader(part.checksum.algorithm)]: part.checksum.value };
  return { headers: { ...sum, etag: quoted(part.etag), 'content-length': 0 } };
};

/** What the AWS CLI and boto3 copy an object of more than 8 MB with. */
export const uploadPartCopy: Operation = async (store, request) => {
  const { headers } = request;
  const { upload, number } = findUpload(store, request);
  const from = readCopySource(headers.get('x-amz-copy-source'));
  const source = store.versions.require(from.bucket, from.key, from.versionId);
  checkReadConditions(headers, source, 'x-amz-copy-source-');
  const range = readCopyRange(headers.get('x-amz-copy-source-range'), source.size);
  const part = await write(store, upload, number, readAgain(store, source, range, upload.details.checksum?.algorithm));
  return {
    headers: { 'x-amz-copy-source-version-id': store.versions.visibleId(source) },
    xml: {
      root: 'CopyPartResult',
      content: {
        LastModified: new Date(part.modified).toISOString(),
        ETag: quoted(part.etag),
        ...checksumElement(part.checksum),
      },
    },
  };
};

export const listParts: Operation = (store, request) => {
  const { bucket, key, query } = request;
  const upload = store.uploads.require(bucket, key, query.get('uploadId') ?? '');
  const marker = Number(query.get('part-number-marker') ?? 0);
  const limit = readLimit(query, 'max-parts');
  const rest = store.uploads.parts(upload).filter(({ number }) => number > marker);
  const parts = rest.slice(0, limit);
  const content = {
    Bucket: bucket,
    Key: key,
    UploadId: upload.id,
    Initiator: { ID: accountId },
    Owner: { ID: accountId },
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: upload.details.checksum?.algorithm,
    ChecksumType: upload.details.checksum?.type,
    PartNumberMarker: marker,
    NextPartNumberMarker: parts.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: parts.length < rest.length,
    Part: parts.map(({ number, modified, etag, size, checksum }) => ({
      PartNumber: number,
      LastModified: new Date(modified).toISOString(),
      ETag: quoted(etag),
      Size: size,
      ...checksumElement(checksum),
    })),
  };
  return { xml: { root: 'ListPartsResult', content } };
};

const findUpload = (store: Store, { bucket, key, query }: S3Request): { upload: Upload; number: number } => {
  const upload = store.uploads.require(bucket, key, query.get('uploadId') ?? '');
  const number = partNumber.safeParse(query.get('partNumber')).data;
  if (number !== undefined) return { upload, number };
  throw new S3Error('InvalidArgument', {
    message: `Part number must be an integer between 1 and ${maximumParts}, inclusive`,
    details: { ArgumentName: 'partNumber', ArgumentValue: query.get('partNumber') ?? '' },
  });
};

const write = (store: Store, upload: Upload, number: number, payload: Payload): Promise<Part> =>
  store.bodies.write(payload.chunks, (file) => {
    const { size, md5, checksum } = payload.digest();
    return store.uploads.putPart(upload, { number, file, size, etag: md5.toString('hex'), checksum: checksum ?? null });
  });
