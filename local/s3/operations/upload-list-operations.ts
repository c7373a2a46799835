import { collectPage, positionAfter } from '../store/listing.ts';
import { describe, readLimit, readListing } from './list-operations.ts';
import { type Operation, quoted } from './operation.ts';

export const listParts: Operation = (store, request) => {
  const { bucket, key, query } = request;
  const upload = store.uploads.require(bucket, key, query.get('uploadId') ?? '');
  const limit = readLimit(query, 'max-parts');
  const marker = Number(query.get('part-number-marker') ?? 0);
  const rest = store.uploads.parts(upload).filter((part) => part.number > marker);
  const parts = rest.slice(0, limit);
  const isTruncated = limit > 0 && rest.length > limit;
  const content = {
    Bucket: bucket,
    Key: key,
    UploadId: upload.id,
    StorageClass: 'STANDARD',
    ChecksumAlgorithm: upload.details.checksum?.algorithm,
    ChecksumType: upload.details.checksum?.type,
    PartNumberMarker: marker,
    NextPartNumberMarker: isTruncated ? parts.at(-1)?.number : undefined,
    MaxParts: limit,
    IsTruncated: isTruncated,
    Part: parts.map(({ number, modified, etag, size, checksum }) => ({
      PartNumber: number,
      LastModified: new Date(modified).toISOString(),
      ETag: quoted(etag),
      Size: size,
      ...(checksum && { [`Checksum${checksum.algorithm}`]: checksum.value }),
    })),
  };
  return { xml: { root: 'ListPartsResult', content } };
};

export const listMultipartUploads: Operation = (store, request) => {
  const { bucket, query } = request;
  store.buckets.require(bucket);
  const listing = readListing(request, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker');
  const from = idMarker
    ? { key: keyMarker, after: store.uploads.require(bucket, keyMarker, idMarker).sequence }
    : positionAfter(keyMarker, listing);
  const page = collectPage((position) => store.openUploads(bucket, position), { ...listing, from });
  const content = {
    Bucket: bucket,
    ...describe(listing, page),
    MaxUploads: listing.limit,
    KeyMarker: listing.encode(keyMarker),
    UploadIdMarker: idMarker ?? '',
    NextKeyMarker: page.isTruncated ? listing.encode(page.marker) : undefined,
    NextUploadIdMarker: page.isTruncated ? page.lastRow?.id : undefined,
    Upload: page.rows.map(({ key, id, initiated, details }) => ({
      Key: listing.encode(key),
      UploadId: id,
      Initiated: new Date(initiated).toISOString(),
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: details.checksum?.algorithm,
      ChecksumType: details.checksum?.type,
    })),
  };
  return { xml: { root: 'ListMultipartUploadsResult', content } };
};
