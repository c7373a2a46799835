import * as buckets from './operations/bucket-operations.ts';
import * as deletes from './operations/delete-operations.ts';
import * as lists from './operations/list-operations.ts';
import * as multipart from './operations/multipart-operations.ts';
import type { Operation } from './operations/operation.ts';
import * as parts from './operations/part-operations.ts';
import * as reads from './operations/read-operations.ts';
import * as tagging from './operations/tagging-operations.ts';
import * as writes from './operations/write-operations.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './wire/s3-request.ts';

type Route = {
  method: string;
  on: 'service' | 'bucket' | 'object';
  /** Query parameters that make it this operation. */
  needs?: readonly string[];
  /** Query parameters that it understands besides. Any other one belongs to an operation that is not here. */
  allows?: readonly string[];
  /** Whether the request names a source to copy. */
  copies?: boolean;
  run: Operation;
};

const page = ['prefix', 'delimiter', 'encoding-type'];

/** Every operation that there is. What matches no row is answered 501 NotImplemented, never with a silent success. */
// biome-ignore format: one row an operation
const routes: readonly Route[] = [
  { method: 'GET',    on: 'service', run: buckets.listBuckets },

  { method: 'PUT',    on: 'bucket', run: buckets.createBucket },
  { method: 'HEAD',   on: 'bucket', run: buckets.headBucket },
  { method: 'DELETE', on: 'bucket', run: buckets.deleteBucket },
  { method: 'GET',    on: 'bucket', needs: ['location'], run: buckets.getBucketLocation },
  { method: 'GET',    on: 'bucket', needs: ['versioning'], run: buckets.getBucketVersioning },
  { method: 'PUT',    on: 'bucket', needs: ['versioning'], run: buckets.putBucketVersioning },
  { method: 'GET',    on: 'bucket', needs: ['acl'], run: buckets.getAcl },
  { method: 'GET',    on: 'bucket', needs: ['list-type'], allows: [...page, 'max-keys', 'start-after', 'continuation-token', 'fetch-owner'], run: lists.listObjectsV2 },
  { method: 'GET',    on: 'bucket', allows: [...page, 'max-keys', 'marker'], run: lists.listObjects },
  { method: 'GET',    on: 'bucket', needs: ['versions'], allows: [...page, 'max-keys', 'key-marker', 'version-id-marker'], run: lists.listObjectVersions },
  { method: 'GET',    on: 'bucket', needs: ['uploads'], allows: [...page, 'max-uploads', 'key-marker', 'upload-id-marker'], run: lists.listMultipartUploads },
  { method: 'POST',   on: 'bucket', needs: ['delete'], run: deletes.deleteObjects },

  { method: 'GET',    on: 'object', allows: ['versionId', 'partNumber', ...reads.overrides], run: reads.getObject },
  { method: 'HEAD',   on: 'object', allows: ['versionId', 'partNumber', ...reads.overrides], run: reads.headObject },
  { method: 'PUT',    on: 'object', run: writes.putObject },
  { method: 'PUT',    on: 'object', copies: true, run: writes.copyObject },
  { method: 'DELETE', on: 'object', allows: ['versionId'], run: deletes.deleteObject },

  { method: 'GET',    on: 'object', needs: ['acl'], allows: ['versionId'], run: buckets.getAcl },
  { method: 'GET',    on: 'object', needs: ['tagging'], allows: ['versionId'], run: tagging.getObjectTagging },
  { method: 'PUT',    on: 'object', needs: ['tagging'], allows: ['versionId'], run: tagging.putObjectTagging },
  { method: 'DELETE', on: 'object', needs: ['tagging'], allows: ['versionId'], run: tagging.deleteObjectTagging },

  { method: 'POST',   on: 'object', needs: ['uploads'], run: multipart.createMultipartUpload },
  { method: 'PUT',    on: 'object', needs: ['uploadId', 'partNumber'], run: parts.uploadPart },
  { method: 'PUT',    on: 'object', needs: ['uploadId', 'partNumber'], copies: true, run: parts.uploadPartCopy },
  { method: 'GET',    on: 'object', needs: ['uploadId'], allows: ['max-parts', 'part-number-marker'], run: parts.listParts },
  { method: 'POST',   on: 'object', needs: ['uploadId'], run: multipart.completeMultipartUpload },
  { method: 'DELETE', on: 'object', needs: ['uploadId'], run: multipart.abortMultipartUpload },
];

/** @throws S3Error NotImplemented where no operation takes this method with exactly these query parameters */
export const findOperation = ({ method, bucket, key, query, headers }: S3Request): Operation => {
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const parameters = [...query.keys()];
  const found = routes.find(
    ({ on, needs = [], allows = [], ...route }) =>
      route.method === method &&
      on === level &&
      (route.copies ?? false) === headers.has('x-amz-copy-source') &&
      needs.every((name) => query.has(name)) &&
      parameters.every((name) => needs.includes(name) || allows.includes(name)),
  );
  if (!found) throw new S3Error('NotImplemented', { details: { Method: method, Parameters: parameters.join(' ') } });
  return found.run;
};
