import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { Upload } from '../core/jobs/upload.ts';
import { isSidecarKey } from '../core/recipe/sidecar.ts';
import { answered } from './answered.ts';
import { isFolder, versionIdOf } from './s3-objects.ts';

/**
 * The newest version of every upload whose key begins with a prefix: no sidecars, and none of the empty objects that
 * stand for folders. In the order of keys, at most `limit`.
 */
export const listUploads = async (
  client: S3Client,
  bucket: string,
  prefix: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<Upload[]> => {
  const uploads: Upload[] = [];
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page ?? {};
    const list = new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: prefix,
      KeyMarker,
      VersionIdMarker,
      ...(limit < 1000 ? { MaxKeys: 100 } : {}),
    });
    page = await answered('S3 to list the uploads', client.send(list));
    for (const { Key: key, VersionId, ETag, Size = 0, IsLatest } of page?.Versions ?? []) {
      if (!IsLatest || key === undefined || isSidecarKey(key) || isFolder(key, Size)) continue;
      const versionId = versionIdOf(VersionId);
      uploads.push({ bucket, key, ...(versionId ? { versionId } : {}), etag: ETag ?? '', bytes: Size });
    }
  } while (page?.IsTruncated && uploads.length < limit);
  return uploads.slice(0, limit);
};
