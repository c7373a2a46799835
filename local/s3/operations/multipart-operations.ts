import { createHash } from 'node:crypto';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import type { Part, Upload, UploadDetails } from '../store/uploads.ts';
import { type Checksum, checksumAlgorithm, checksumSchema, combineChecksums } from '../wire/checksums.ts';
import { readWriteCondition } from '../wire/conditions.ts';
import { readObjectHeaders } from '../wire/object-headers.ts';
import { openPayload, readDocument } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { readXml } from '../wire/xml.ts';
import { causeOf, type Operation, quoted } from './operation.ts';
import { checksumHeaders } from './read-operations.ts';
import { readTagHeader } from './tagging-operations.ts';

// S3 quotas: parts 1 to 10,000, all but the last of 5 MiB at least.
const maximumParts = 10_000;
const minimumPartBytes = 5 * 1024 ** 2;

const partNumber = z.coerce.number().int().min(1).max(maximumParts);
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

export const createMultipartUpload: Operation = (store, request) => {
  const { bucket, key } = request;
  store.buckets.require(bucket);
  const checksum = readUploadChecksum(request.headers);
  const details = { ...readObjectHeaders(request.headers), tags: readTagHeader(request), checksum };
  const upload = store.uploads.create(bucket, key, details);
  return {
    headers: { 'x-amz-checksum-algorithm': checksum?.algorithm, 'x-amz-checksum-type': checksum?.type },
    xml: { root: 'InitiateMultipartUploadResult', content: { Bucket: bucket, Key: key, UploadId: upload.id } },
  };
};

export const uploadPart: Operation = async (store, request) => {
  const upload = store.uploads.require(request.bucket, request.key, request.query.get('uploadId') ?? '');
  const number = partNumber.safeParse(request.query.get('partNumber'));
  if (!number.success) {
    throw new S3Error('InvalidArgument', {
      message: `Part number must be an integer between 1 and ${maximumParts}, inclusive`,
      details: { ArgumentName: 'partNumber' },
    });
  }
  const payload = openPayload(request, { wanted: upload.details.checksum?.algorithm });
  const part = await store.bodies.write(payload.chunks, (file) => {
    const { size, md5, checksum } = payload.digest();
    const written = { number: number.data, file, size, etag: md5.toString('hex'), checksum: checksum ?? null };
    store.uploads.putPart(upload, written);
    return written;
  });
  const headers = { ...checksumHeaders(part.checksum ?? undefined), 'x-amz-checksum-type': undefined };
  return { headers: { ...headers, etag: quoted(part.etag), 'content-length': 0 } };
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
    throw new S3Error('InvalidRequest', {
      message: `Expected an object of ${declaredSize} bytes but received ${size}.`,
    });
  }
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.etag, 'hex');
  const checksum = objectChecksum(upload.details, parts);
  const declared = checksum && headers.get(`x-amz-checksum-${checksum.algorithm.toLowerCase()}`);
  if (declared !== undefined && declared !== checksum?.value) throw new S3Error('BadDigest');
  const details = { ...upload.details, checksum, files: parts.map(({ file, size }) => ({ name: file, size })) };
  const draft = { bucket, key, size, etag: `${md5.digest('hex')}-${parts.length}`, details };
  const version = store.versions.put(draft, condition, causeOf(request, 'ObjectCreated:CompleteMultipartUpload'), () =>
    store.uploads.forget(upload),
  );
  const unused = uploaded.filter((part) => !parts.includes(part));
  store.bodies.discard(unused.map(({ file, size }) => ({ name: file, size })));
  return {
    headers: { 'x-amz-version-id': store.versions.visibleId(version) },
    xml: {
      root: 'CompleteMultipartUploadResult',
      content: {
        Location: `http://${headers.get('host')}${(request.message.url ?? '').replace(/\?.*$/s, '')}`,
        Bucket: bucket,
        Key: key,
        ETag: quoted(version.etag),
        ...(checksum && { ChecksumType: checksum.type, [`Checksum${checksum.algorithm}`]: checksum.value }),
      },
    },
  };
};

export const abortMultipartUpload: Operation = (store, request) => {
  store.uploads.abort(store.uploads.require(request.bucket, request.key, request.query.get('uploadId') ?? ''));
  return { status: 204 };
};

/** Holds the client's list against the parts that are there, and returns them in its order. */
const selectParts = (listed: z.infer<typeof listedPart>[], uploaded: readonly Part[]): Part[] => {
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  if (listed.some(({ PartNumber }, index) => PartNumber <= (listed[index - 1]?.PartNumber ?? 0))) {
    throw new S3Error('InvalidPartOrder');
  }
  return listed.map((entry, index) => {
    const part = byNumber.get(entry.PartNumber);
    const sums = checksumAlgorithm.options.flatMap((algorithm) => entry[`Checksum${algorithm}`] ?? []);
    const isAsListed = sums.every((sum) => sum === part?.checksum?.value);
    if (!part || !isAsListed || entry.ETag.replace(/^"(.*)"$/, '$1') !== part.etag) {
      throw new S3Error('InvalidPart', { details: { PartNumber: entry.PartNumber, ETag: entry.ETag } });
    }
    if (part.size < minimumPartBytes && index < listed.length - 1) {
      throw new S3Error('EntityTooSmall', {
        details: { ProposedSize: part.size, MinSizeAllowed: minimumPartBytes, PartNumber: part.number },
      });
    }
    return part;
  });
};

const objectChecksum = ({ checksum }: UploadDetails, parts: readonly Part[]): Checksum | undefined => {
  const sums = parts.flatMap((part) => (part.checksum ? [{ value: part.checksum.value, size: part.size }] : []));
  return checksum && combineChecksums(checksum.algorithm, checksum.type, sums);
};

/** CRC64NVME is always of the full object; the others are composite unless the client says otherwise. */
const readUploadChecksum = (headers: S3Request['headers']): Upload['details']['checksum'] => {
  const algorithm = headers.get('x-amz-checksum-algorithm');
  const type = headers.get('x-amz-checksum-type');
  if (algorithm === undefined) return undefined;
  const known = checksumAlgorithm.safeParse(algorithm.toUpperCase());
  const knownType = checksumSchema.shape.type.safeParse(
    type ?? (known.data === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'),
  );
  const isPossible = knownType.data === 'FULL_OBJECT' ? /^CRC/.test(algorithm) : known.data !== 'CRC64NVME';
  if (!known.success || !knownType.success || !isPossible) {
    throw new S3Error('InvalidRequest', {
      message: `The ${type ?? 'default'} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    });
  }
  return { algorithm: known.data, type: knownType.data };
};
