import { open } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { OutputFile, PreparedWrite } from '../core/ports.ts';
import { answered } from './answered.ts';
import { changedNames, condition, objectHeaders } from './s3-conditional-write.ts';

/** S3 takes parts of 5 MiB to 5 GiB, 10,000 of them at most: 16 MiB parts reach 156 GiB. */
const partBytes = 16 * 1024 * 1024;

/** A large file's parts go up now; committing completes the upload, which is when the object becomes visible. */
export const multipartWrite = async (
  client: S3Client,
  bucket: string,
  file: OutputFile & { path: string },
): Promise<PreparedWrite> => {
  const target = { Bucket: bucket, Key: file.key };
  const created = await answered(
    `S3 to begin an upload of ${file.key}`,
    client.send(new CreateMultipartUploadCommand({ ...target, ...objectHeaders(file), ChecksumAlgorithm: 'CRC32' })),
  );
  const upload = { ...target, UploadId: created?.UploadId ?? '' };
  const abort = async () => {
    await answered(`S3 to abort the upload of ${file.key}`, client.send(new AbortMultipartUploadCommand(upload)), [
      'NoSuchUpload',
    ]);
  };
  let parts: { PartNumber: number; ETag?: string; ChecksumCRC32?: string }[];
  try {
    parts = await uploadParts(client, upload, file);
  } catch (error) {
    await abort();
    throw error;
  }
  return {
    abort,
    async commit(replaces) {
      // After 409 S3 wants every part anew: the round that publishes begins again with the encoded file.
      const answer = await answered(
        `S3 to complete the upload of ${file.key}`,
        client.send(
          new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts }, ...condition(replaces) }),
        ),
        changedNames,
      );
      return answer && { versionId: answer.VersionId, etag: answer.ETag ?? '' };
    },
  };
};

const uploadParts = async (
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string },
  file: OutputFile & { path: string },
) => {
  const handle = await open(file.path);
  try {
    const parts = [];
    for (let PartNumber = 1, start = 0; start < file.bytes; PartNumber++, start += partBytes) {
      // A buffer, not a stream: the SDK can send it again.
      const Body = Buffer.alloc(Math.min(partBytes, file.bytes - start));
      await handle.read(Body, 0, Body.length, start);
      const answer = await answered(
        `S3 to take part ${PartNumber} of ${file.key}`,
        client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm: 'CRC32' })),
      );
      parts.push({ PartNumber, ETag: answer?.ETag, ChecksumCRC32: answer?.ChecksumCRC32 });
    }
    return parts;
  } finally {
    await handle.close();
  }
};
