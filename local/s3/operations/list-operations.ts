import { accountId } from '../../names.ts';
import { S3Error } from '../s3-error.ts';
import { collectPage, type Page, positionAfter } from '../store/listing.ts';
import type { Version } from '../store/version.ts';
import { formEncode } from '../wire/form-encode.ts';
import type { S3Request } from '../wire/s3-request.ts';
import type { XmlValue } from '../wire/xml.ts';
import { type Operation, quoted } from './operation.ts';

/** The page of every listing, and its length where the client names none: a thousand entries. */
const maximumEntries = 1000;

export const listObjectsV2: Operation = (store, request) => {
  const { query, bucket } = request;
  store.buckets.require(bucket);
  if (query.get('list-type') !== '2') throw new S3Error('InvalidArgument', { details: { ArgumentName: 'list-type' } });
  const listing = readListing(request, 'max-keys');
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const marker = token === undefined ? startAfter : decodeToken(token);
  const page = collectPage((from) => store.objects(bucket, from), { ...listing, from: positionAfter(marker, listing) });
  const hasOwner = query.get('fetch-owner') === 'true';
  const content = {
    Name: bucket,
    ...describe(listing, page),
    MaxKeys: listing.limit,
    KeyCount: page.rows.length + page.commonPrefixes.length,
    StartAfter: startAfter === '' ? undefined : listing.encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: page.isTruncated ? Buffer.from(page.marker).toString('base64url') : undefined,
    Contents: page.rows.map((row) => ({
      ...describeVersion(listing, row),
      ...(hasOwner && { Owner: { ID: accountId } }),
    })),
  };
  return { xml: { root: 'ListBucketResult', content } };
};

export const listObjects: Operation = (store, request) => {
  const { query, bucket } = request;
  store.buckets.require(bucket);
  const listing = readListing(request, 'max-keys');
  const marker = query.get('marker') ?? '';
  const page = collectPage((from) => store.objects(bucket, from), { ...listing, from: positionAfter(marker, listing) });
  const content = {
    Name: bucket,
    ...describe(listing, page),
    MaxKeys: listing.limit,
    Marker: listing.encode(marker),
    // Without a delimiter the last key itself is the marker.
    NextMarker: page.isTruncated && listing.delimiter !== '' ? listing.encode(page.marker) : undefined,
    Contents: page.rows.map((row) => ({ ...describeVersion(listing, row), Owner: { ID: accountId } })),
  };
  return { xml: { root: 'ListBucketResult', content } };
};

export const listObjectVersions: Operation = (store, request) => {
  const { query, bucket } = request;
  store.buckets.require(bucket);
  const listing = readListing(request, 'max-keys');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker');
  const former = idMarker === undefined ? undefined : store.versions.find(bucket, keyMarker, idMarker);
  if (idMarker !== undefined && !former) {
    throw new S3Error('InvalidArgument', { details: { ArgumentName: 'version-id-marker', ArgumentValue: idMarker } });
  }
  const from = former ? { key: keyMarker, after: former.sequence } : positionAfter(keyMarker, listing);
  const page = collectPage((position) => store.allVersions(bucket, position), { ...listing, from });
  const entry = (version: Version) => ({
    ...describeVersion(listing, version),
    VersionId: version.id,
    IsLatest: version.latest,
    Owner: { ID: accountId },
  });
  const marker = (version: Version) => ({
    ...entry(version),
    ETag: undefined,
    Size: undefined,
    StorageClass: undefined,
  });
  const content = {
    Name: bucket,
    ...describe(listing, page),
    MaxKeys: listing.limit,
    KeyMarker: listing.encode(keyMarker),
    VersionIdMarker: idMarker ?? '',
    NextKeyMarker: page.isTruncated ? listing.encode(page.marker) : undefined,
    NextVersionIdMarker: page.isTruncated ? page.lastRow?.id : undefined,
    Version: page.rows.filter((version) => !version.marker).map(entry),
    DeleteMarker: page.rows.filter((version) => version.marker).map(marker),
  };
  return { xml: { root: 'ListVersionsResult', content } };
};

export type Listing = ReturnType<typeof readListing>;

/** Reads what all listings share. `encode` is for every key that goes out. */
export const readListing = ({ query }: S3Request, limitName: string) => {
  const encoding = query.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url') {
    throw new S3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' });
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: readLimit(query, limitName),
    encoding,
    encode: (key: string): string => (encoding === undefined ? key : formEncode(key)),
  };
};

/** A page's length as the client wants it, a thousand at most. */
export const readLimit = (query: ReadonlyMap<string, string>, name: string): number => {
  const text = query.get(name);
  if (text !== undefined && !/^\d{1,9}$/.test(text)) {
    throw new S3Error('InvalidArgument', {
      message: `Provided ${name} not an integer or within integer range`,
      details: { ArgumentName: name, ArgumentValue: text },
    });
  }
  return Math.min(Number(text ?? maximumEntries), maximumEntries);
};

/** The elements that all listings share. */
export const describe = <Row>(listing: Listing, page: Page<Row>): { [name: string]: XmlValue } => ({
  Prefix: listing.encode(listing.prefix),
  Delimiter: listing.delimiter === '' ? undefined : listing.encode(listing.delimiter),
  EncodingType: listing.encoding,
  IsTruncated: page.isTruncated,
  CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: listing.encode(prefix) })),
});

const describeVersion = (listing: Listing, { key, modified, etag, size, details }: Version) => ({
  Key: listing.encode(key),
  LastModified: new Date(modified).toISOString(),
  ETag: quoted(etag),
  ChecksumAlgorithm: details.checksum?.algorithm,
  ChecksumType: details.checksum?.type,
  Size: size,
  StorageClass: 'STANDARD',
});

const decodeToken = (token: string): string => {
  const marker = Buffer.from(token, 'base64url');
  if (marker.toString('base64url') !== token) {
    throw new S3Error('InvalidArgument', { message: 'The continuation token provided is incorrect' });
  }
  return marker.toString('utf8');
};
