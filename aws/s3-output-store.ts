import { readFile } from 'node:fs/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { OutputFile, OutputStore, PreparedWrite } from '../core/ports.ts';
import { answered } from './answered.ts';
import { changedNames, condition, objectHeaders, writerMetadataKey } from './s3-conditional-write.ts';
import { multipartWrite } from './s3-multipart-write.ts';

/** From this size on a file goes up in parts before it is published: completing the upload is then one quick call. */
const multipartFromBytes = 16 * 1024 * 1024;

/** The output bucket on S3. */
export const s3OutputStore = (client: S3Client, bucket: string): OutputStore => ({
  async current(key) {
    const answer = await answered(
      `S3 to answer a HEAD of ${key}`,
      client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
      ['NotFound', 'NoSuchKey'],
    );
    if (answer?.ETag === undefined) return 'absent';
    return { etag: answer.ETag, versionId: answer.VersionId, writer: answer.Metadata?.[writerMetadataKey] };
  },

  async prepare(file) {
    return 'path' in file && file.bytes >= multipartFromBytes
      ? multipartWrite(client, bucket, file)
      : singlePut(client, bucket, file);
  },

  async readText(key) {
    const answer = await answered(
      `S3 to answer a GET of ${key}`,
      client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
      ['NoSuchKey', 'NotFound'],
    );
    return answer?.Body?.transformToString();
  },

  async remove(key, what) {
    const condition = 'versionId' in what ? { VersionId: what.versionId } : { IfMatch: what.etag };
    const answer = await answered(
      `S3 to delete ${key}`,
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, ...condition })),
      changedNames,
    );
    return answer !== undefined;
  },
});

const singlePut = (client: S3Client, bucket: string, file: OutputFile): PreparedWrite => ({
  async commit(replaces) {
    // A buffer, not a stream: the SDK can send it again.
    const Body = 'path' in file ? await readFile(file.path) : file.body;
    const request = { Bucket: bucket, Key: file.key, Body, ChecksumSHA256: file.sha256 };
    const answer = await answered(
      `S3 to store ${file.key}`,
      client.send(new PutObjectCommand({ ...request, ...objectHeaders(file), ...condition(replaces) })),
      changedNames,
    );
    return answer && { versionId: answer.VersionId, etag: answer.ETag ?? '' };
  },
  abort: async () => {},
});
