import { accountId } from '../../names.ts';
import { S3Error } from '../s3-error.ts';
import { collectPage, type Position, positionAfter } from '../store/listing.ts';
import type { Version } from '../store/version.ts';
import { formEncode } from '../wire/form-encode.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { type Operation, quoted } from './operation.ts';

/** The page of every listing, and its length where the client names none: a thousand entries. */
const maximumEntries = 1000;

export const listObjectsV2: Operation = (store, request) => {
  const { query, bucket } = request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const marker = token === undefined ? startAfter : decodeToken(token);
  const { page, elements, encode } = readPage(request, 'MaxKeys', marker, (from) => store.objects(bucket, from));
  const content = {
    Name: bucket,
    ...elements,
    KeyCount: page.rows.length + page.commonPrefixes.length,
    StartAfter: startAfter === '' ? undefined : encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: page.isTruncated ? Buffer.from(page.marker).toString('base64url') : undefined,
    Contents: page.rows.map((version) => ({
      ...describe(version, encode),
      ...(query.get('fetch-owner') !== 'true' && { Owner: undefined }),
    })),
  };
  return { xml: { root: 'ListBucketResult', content } };
};

export const listObjects: Operation = (store, request) => {
  const { query, bucket } = request;
  const marker = query.get('marker') ?? '';
  const { page, elements, encode } = readPage(request, 'MaxKeys', marker, (from) => store.objects(bucket, from));
  const content = {
    Name: bucket,
    ...elements,
    Marker: encode(marker),
    // Without a delimiter the last key itself is the marker.
    NextMarker: page.isTruncated && query.get('delimiter') ? encode(page.marker) : undefined,
    Contents: page.rows.map((version) => describe(version, encode)),
  };
  return { xml: { root: 'ListBucketResult', content } };
};

export const listObjectVersions: Operation = (store, request) => {
  const { query, bucket } = request;
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker');
  const after = idMarker === undefined ? undefined : store.versions.find(bucket, keyMarker, idMarker)?.sequence;
  if (idMarker !== undefined && after === undefined) throw invalidArgument('version-id-marker', idMarker);
  const marker = after === undefined ? keyMarker : { key: keyMarker, after };
  const { page, elements, encode } = readPage(request, 'MaxKeys', marker, (from) => store.allVersions(bucket, from));
  const entry = (version: Version) => ({
    ...describe(version, encode),
    VersionId: version.id,
    IsLatest: version.latest,
  });
  const content = {
    Name: bucket,
    ...elements,
    KeyMarker: encode(keyMarker),
    VersionIdMarker: idMarker ?? '',
    NextKeyMarker: page.isTruncated ? encode(page.marker) : undefined,
    NextVersionIdMarker: page.isTruncated ? page.lastRow?.id : undefined,
    Version: page.rows.filter(({ marker }) => !marker).map(entry),
    DeleteMarker: page.rows
      .filter(({ marker }) => marker)
      .map((version) => ({ ...entry(version), ETag: undefined, Size: undefined, StorageClass: undefined })),
  };
  return { xml: { root: 'ListVersionsResult', content } };
};

export const listMultipartUploads: Operation = (store, request) => {
  const { bucket, query } = request;
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker');
  const marker = idMarker
    ? { key: keyMarker, after: store.uploads.require(bucket, keyMarker, idMarker).sequence }
    : keyMarker;
  const { page, elements, encode } = readPage(request, 'MaxUploads', marker, (from) => store.openUploads(bucket, from));
  const content = {
    Bucket: bucket,
    ...elements,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker ?? '',
    NextKeyMarker: page.isTruncated ? encode(page.marker) : undefined,
    NextUploadIdMarker: page.isTruncated ? page.lastRow?.id : undefined,
    Upload: page.rows.map(({ key, id, initiated }) => ({
      Key: encode(key),
      UploadId: id,
      Initiated: new Date(initiated).toISOString(),
      StorageClass: 'STANDARD',
    })),
  };
  return { xml: { root: 'ListMultipartUploadsResult', content } };
};

/**
 * The page that a request asks for, after a marker or at a position, and the elements that all listings share.
 * `encode` is for every key that goes out.
 */
const readPage = <Row extends { key: string }>(
  { query }: S3Request,
  limitElement: 'MaxKeys' | 'MaxUploads',
  marker: string | Position,
  scan: (from: Position) => Iterable<Row>,
) => {
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url') throw invalidArgument('encoding-type', encoding);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = readLimit(query, limitElement === 'MaxKeys' ? 'max-keys' : 'max-uploads');
  const from = typeof marker === 'string' ? positionAfter(marker, { prefix, delimiter }) : marker;
  const page = collectPage(scan, { prefix, delimiter, limit, from });
  const encode = (key: string): string => (encoding === undefined ? key : formEncode(key));
  const elements = {
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: encoding,
    [limitElement]: limit,
    IsTruncated: page.isTruncated,
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
  return { page, elements, encode };
};

/** A page's length as the client wants it, a thousand at most. */
export const readLimit = (query: S3Request['query'], name: string): number => {
  const text = query.get(name) ?? String(maximumEntries);
  if (!/^\d{1,9}$/.test(text)) throw invalidArgument(name, text);
  return Math.min(Number(text), maximumEntries);
};

const describe = ({ key, modified, etag, size, details }: Version, encode: (key: string) => string) => ({
  Key: encode(key),
  LastModified: new Date(modified).toISOString(),
  ETag: quoted(etag),
  ChecksumAlgorithm: details.checksum?.algorithm,
  ChecksumType: details.checksum?.type,
  Size: size,
  StorageClass: 'STANDARD',
  Owner: { ID: accountId },
});

const decodeToken = (token: string): string => {
  const marker = Buffer.from(token, 'base64url');
  if (marker.toString('base64url') !== token) throw invalidArgument('continuation-token', token);
  return marker.toString('utf8');
};

const invalidArgument = (name: string, value: string) =>
  new S3Error('InvalidArgument', { details: { ArgumentName: name, ArgumentValue: value } });
