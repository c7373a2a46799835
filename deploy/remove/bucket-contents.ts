import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { answered } from '../../aws/answered.ts';
import { DependencyError } from '../../core/errors.ts';
import type { AwsClients } from '../aws-clients.ts';
import { headBucket } from '../preflight/stack-ports.ts';

/** What a bucket holds: versions of objects, as far as one page of 1,000 shows. Deleted objects' versions count too. */
export type BucketContents = { name: string; versions: number; hasMore: boolean };

/** A deployment's own buckets. Every method throws DependencyError where S3 fails. */
export type BucketsPort = {
  /** Undefined where there is no such bucket of this account. */
  contents(name: string): Promise<BucketContents | undefined>;
  /** Deletes every version, delete marker and unfinished upload; gives how many went. */
  empty(name: string, onProgress: (deleted: number) => void): Promise<number>;
  /** Deletes an empty bucket. */
  deleteBucket(name: string): Promise<void>;
};

const identified = (entries: readonly { Key?: string; VersionId?: string }[] = []): ObjectIdentifier[] =>
  entries.flatMap(({ Key, VersionId }) => (Key === undefined ? [] : [{ Key, VersionId }]));

/** Buckets of S3, through the deploying person's credentials. */
export const bucketsPort = (clients: AwsClients): BucketsPort => {
  const { s3 } = clients;

  /** One page is 1,000 entries at most, which is also what one DeleteObjects takes. */
  const deleteVersions = async (name: string, onProgress: (deleted: number) => void): Promise<number> => {
    let deleted = 0;
    for (;;) {
      // Always the first page: what was on it is gone the next time.
      const page = await answered(`S3 to list ${name}`, s3.send(new ListObjectVersionsCommand({ Bucket: name })));
      const Objects = [...identified(page?.Versions), ...identified(page?.DeleteMarkers)];
      if (Objects.length === 0) return deleted;
      const answer = await answered(
        `S3 to delete objects of ${name}`,
        s3.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects, Quiet: true } })),
      );
      const [first, ...others] = answer?.Errors ?? [];
      if (first !== undefined) {
        throw new DependencyError(
          `Expected S3 to delete ${first.Key} of ${name} but received ${first.Code}: ${first.Message} (and ${others.length} more). ` +
            'It takes s3:DeleteObject and s3:DeleteObjectVersion, and no object lock.',
          { code: 'BucketNotEmptied' },
        );
      }
      deleted += Objects.length;
      onProgress(deleted);
    }
  };

  const abortUploads = async (name: string): Promise<number> => {
    let aborted = 0;
    let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (marker !== undefined) {
      const page: Awaited<ReturnType<typeof listUploads>> = await listUploads(name, marker);
      for (const { Key, UploadId } of page?.Uploads ?? []) {
        await answered(
          `S3 to abort an upload to ${name}`,
          s3.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId })),
          ['NoSuchUpload'],
        );
        aborted += 1;
      }
      marker = page?.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
    }
    return aborted;
  };
  const listUploads = (name: string, marker: { KeyMarker?: string; UploadIdMarker?: string }) =>
    answered(`S3 to list uploads to ${name}`, s3.send(new ListMultipartUploadsCommand({ Bucket: name, ...marker })));

  return {
    async contents(name) {
      if ((await headBucket(clients, name)).state !== 'taken') return undefined;
      const page = await answered(`S3 to list ${name}`, s3.send(new ListObjectVersionsCommand({ Bucket: name })));
      return { name, versions: page?.Versions?.length ?? 0, hasMore: page?.IsTruncated ?? false };
    },
    empty: async (name, onProgress) => (await deleteVersions(name, onProgress)) + (await abortUploads(name)),
    async deleteBucket(name) {
      await answered(`S3 to delete ${name}`, s3.send(new DeleteBucketCommand({ Bucket: name })), ['NoSuchBucket']);
    },
  };
};
