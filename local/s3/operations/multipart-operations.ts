import { createHash } from 'node:crypto';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import type { BodyFile } from '../store/bodies.ts';
import type { Store } from '../store/open-store.ts';
import type { Part, Upload } from '../store/uploads.ts';
import {
  type Checksum,
  checksumAlgorithm,
  checksumElements,
  checksumHeader,
  checksumSchema,
  compositeChecksum,
  fullChecksum,
} from '../wire/checksums.ts';
import { readWriteCondition } from '../wire/conditions.ts';
import { readObjectHeaders } from '../wire/object-headers.ts';
import { readDocument } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { readXml } from '../wire/xml.ts';
import { causeOf, type Operation, quoted } from './operation.ts';
import { maximumParts, partNumber } from './part-operations.ts';

/** S3 quotas: all parts but the last have 5 MiB at least. */
const minimumPartBytes = 5 * 1024 ** 2;

const listedPart = z.strictObject({
  PartNumber: partNumber,
  ETag: z.string(),
  ChecksumCRC32: z.string().optional(),
  ChecksumCRC32C: z.string().optional(),
  ChecksumCRC64NVME: z.string().optional(),
  ChecksumSHA1: z.string().optional(),
  ChecksumSHA256: z.string().optional(),
});
const completeDocument = z.strictObject({
  CompleteMultipartUpload: z.strictObject({ Part: z.array(listedPart).min(1).max(maximumParts) }),
});

export const createMultipartUpload: Operation = (store, { bucket, key, headers }) => {
  const checksum = readUploadChecksum(headers);
  const upload = store.uploads.create(bucket, key, { ...readObjectHeaders(headers), checksum });
  return {
    headers: { 'x-amz-checksum-algorithm': checksum?.algorithm, 'x-amz-checksum-type': checksum?.type },
    xml: { root: 'InitiateMultipartUploadResult', content: { Bucket: bucket, Key: key, UploadId: upload.id } },
  };
};

/** Makes the listed parts one object. No byte is moved: the object's record names the parts' files. */
export const completeMultipartUpload: Operation = async (store, request) => {
  const { bucket, key, headers } = request;
  const condition = readWriteCondition(headers);
  const document = readXml(await readDocument(request, { isChecksumForeign: true }), completeDocument);
  const upload = store.uploads.require(bucket, key, request.query.get('uploadId') ?? '');
  const uploaded = store.uploads.parts(upload);
  const parts = selectParts(document.CompleteMultipartUpload.Part, uploaded);

  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const declaredSize = headers.get('x-amz-mp-object-size');
  if (declaredSize !== undefined && Number(declaredSize) !== size) {
    throw new S3Error('InvalidRequest', { message: `Expected ${declaredSize} bytes but received ${size}.` });
  }
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  const checksum = objectChecksum(upload, parts, headers);
  const details = { ...upload.details, checksum, files: filesOf(parts) };
  const draft = { bucket, key, size, etag: `${md5.digest('hex')}-${parts.length}`, details };
  const version = store.versions.put(draft, condition, causeOf(request, 'ObjectCreated:CompleteMultipartUpload'), () =>
    store.uploads.forget(upload),
  );
  store.bodies.discard(filesOf(uploaded.filter((part) => !parts.includes(part))));
  const content = {
    Location: `http://${headers.get('host')}${(request.message.url ?? '').replace(/\?.*$/s, '')}`,
    Bucket: bucket,
    Key: key,
    ETag: quoted(version.etag),
    ...checksumElements(checksum),
  };
  return {
    headers: { 'x-amz-version-id': store.versions.visibleId(version) },
    xml: { root: 'CompleteMultipartUploadResult', content },
  };
};

export const abortMultipartUpload: Operation = (store, { bucket, key, query }) => {
  abort(store, store.uploads.require(bucket, key, query.get('uploadId') ?? ''));
  return { status: 204 };
};

/** Takes an upload off the record, and its parts off the disk. */
export const abort = (store: Store, upload: Upload): void => {
  const files = filesOf(store.uploads.parts(upload));
  store.uploads.forget(upload);
  store.bodies.discard(files);
};

const filesOf = (parts: readonly Part[]): BodyFile[] =>
  parts.map(({ file, size, number }) => ({ name: file, size, part: number }));

/** Holds the client's list against the parts that are there, and returns them in its order. */
const selectParts = (listed: z.infer<typeof listedPart>[], uploaded: readonly Part[]): Part[] => {
  if (listed.some(({ PartNumber }, index) => PartNumber <= (listed[index - 1]?.PartNumber ?? 0))) {
    throw new S3Error('InvalidPartOrder');
  }
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  return listed.map((entry, index) => {
    const part = byNumber.get(entry.PartNumber);
    const sums = checksumAlgorithm.options.flatMap((algorithm) => entry[`Checksum${algorithm}`] ?? []);
    const isAsListed = sums.every((sum) => sum === part?.checksum?.value);
    if (!part || !isAsListed || entry.ETag.replace(/^"(.*)"$/, '$1') !== part.etag) {
      throw new S3Error('InvalidPart', { details: { PartNumber: entry.PartNumber, ETag: entry.ETag } });
    }
    if (part.size < minimumPartBytes && index < listed.length - 1) {
      throw new S3Error('EntityTooSmall', { details: { ProposedSize: part.size, PartNumber: part.number } });
    }
    return part;
  });
};

/** The object's checksum, made of those of its parts; the client's own, where it sends one, is held against it. */
const objectChecksum = (
  { details }: Upload,
  parts: readonly Part[],
  headers: S3Request['headers'],
): Checksum | undefined => {
  if (!details.checksum) return undefined;
  const { algorithm, type } = details.checksum;
  const declaredType = headers.get('x-amz-checksum-type') ?? type;
  if (declaredType !== type) {
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    });
  }
  const sums = parts.map(({ checksum, size }) => ({ value: checksum?.value ?? '', size }));
  const checksum = type === 'FULL_OBJECT' ? fullChecksum(algorithm, sums) : compositeChecksum(algorithm, sums);
  const declared = headers.get(checksumHeader(algorithm));
  if (declared !== undefined && declared !== checksum.value) throw new S3Error('BadDigest');
  return checksum;
};

/** CRC64NVME is always of the full object; the others are composite unless the client says otherwise. */
const readUploadChecksum = (headers: S3Request['headers']): Upload['details']['checksum'] => {
  const name = headers.get('x-amz-checksum-algorithm');
  if (name === undefined) return undefined;
  const algorithm = checksumAlgorithm.safeParse(name.toUpperCase()).data;
  const defaultType = algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  const type = checksumSchema.shape.type.safeParse(headers.get('x-amz-checksum-type') ?? defaultType).data;
  const isPossible = type === 'FULL_OBJECT' ? algorithm?.startsWith('CRC') : algorithm !== 'CRC64NVME';
  if (algorithm && type && isPossible) return { algorithm, type };
  throw new S3Error('InvalidRequest', {
    message: `The checksum type cannot be used with the ${name} checksum algorithm.`,
  });
};
