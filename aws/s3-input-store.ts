import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DependencyError } from '../core/errors.ts';
import { headerWindowBytes } from '../core/image/header-reader.ts';
import type { Upload } from '../core/jobs/upload.ts';
import type { InputStore, OpenedUpload } from '../core/ports.ts';
import { answered } from './answered.ts';
import { versionIdOf } from './s3-objects.ts';

/**
 * Answers that mean that this version no longer exists: 405 is a delete marker asked for by its id, 412 another upload
 * under the same key where there are no versions.
 */
const goneNames = ['NoSuchKey', 'NoSuchVersion', 'NotFound', 'MethodNotAllowed', '405', 'PreconditionFailed', '412'];

/** The input bucket on S3. Every read names the version (or the ETag), so that bytes of two uploads never mix. */
export const s3InputStore = (client: S3Client): InputStore => ({
  async open(upload) {
    // A range of an empty object cannot be satisfied: HEAD has its metadata.
    if (upload.bytes === 0) return openEmpty(client, upload);
    const first = await getRange(client, upload, 0, headerWindowBytes);
    if (first === undefined) return undefined;
    const { answer, bytes } = first;
    const size = Number(answer.ContentRange?.split('/')[1] ?? bytes.length);
    const opened: OpenedUpload = {
      upload: {
        ...upload,
        bytes: size,
        etag: answer.ETag ?? upload.etag,
        versionId: versionIdOf(answer.VersionId) ?? upload.versionId,
      },
      metadata: answer.Metadata ?? {},
      source: {
        size,
        async read(offset, length) {
          if (offset + length <= bytes.length || bytes.length === size) return bytes.subarray(offset, offset + length);
          const range = await getRange(client, upload, offset, length);
          if (range === undefined) throw disappeared(upload);
          return range.bytes;
        },
      },
    };
    return opened;
  },

  async readText(bucket, key, maxBytes) {
    // Not a range, which an empty object cannot satisfy: what is too long is cut off while it comes.
    const answer = await answered(
      `S3 to answer a GET of ${key}`,
      client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
      goneNames,
    );
    if (answer?.Body === undefined) return undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.Body as Readable) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBytes) break;
    }
    return Buffer.concat(chunks).subarray(0, maxBytes).toString();
  },

  async standing(upload) {
    const what = `S3 to answer a HEAD of ${upload.key}`;
    const newest = await answered(
      what,
      client.send(new HeadObjectCommand({ Bucket: upload.bucket, Key: upload.key })),
      goneNames,
    );
    if (newest === undefined) return 'gone';
    const isSame = upload.versionId === undefined ? newest.ETag === upload.etag : newest.VersionId === upload.versionId;
    return isSame ? 'newest' : 'superseded';
  },

  async download(upload, path) {
    const answer = await answered(
      `S3 to answer a GET of ${upload.key}`,
      client.send(new GetObjectCommand(whichObject(upload))),
      goneNames,
    );
    if (answer === undefined) return undefined;
    const hash = createHash('sha256');
    let received = 0;
    try {
      await pipeline(
        answer.Body as Readable,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            received += chunk.length;
            yield chunk;
          }
        },
        createWriteStream(path),
      );
    } catch (error) {
      throw cutShort(upload, received, error);
    }
    if (received !== upload.bytes) throw cutShort(upload, received);
    return { checksum: hash.digest('base64') };
  },
});

const whichObject = (upload: Upload) => ({
  Bucket: upload.bucket,
  Key: upload.key,
  ...(upload.versionId === undefined ? { IfMatch: upload.etag } : { VersionId: upload.versionId }),
});

const getRange = async (
  client: S3Client,
  upload: Upload,
  offset: number,
  length: number,
): Promise<{ answer: GetObjectCommandOutput; bytes: Uint8Array } | undefined> => {
  const Range = `bytes=${offset}-${offset + length - 1}`;
  const answer = await answered(
    `S3 to answer a GET of ${upload.key}, ${Range}`,
    client.send(new GetObjectCommand({ ...whichObject(upload), Range })),
    goneNames,
  );
  if (answer?.Body === undefined) return undefined;
  return { answer, bytes: await answer.Body.transformToByteArray() };
};

const openEmpty = async (client: S3Client, upload: Upload): Promise<OpenedUpload | undefined> => {
  const answer = await answered(
    `S3 to answer a HEAD of ${upload.key}`,
    client.send(new HeadObjectCommand(whichObject(upload))),
    goneNames,
  );
  if (answer === undefined) return undefined;
  const source = { size: 0, read: async () => new Uint8Array(0) };
  return {
    upload: { ...upload, versionId: versionIdOf(answer.VersionId) ?? upload.versionId },
    metadata: answer.Metadata ?? {},
    source,
  };
};

const disappeared = (upload: Upload): DependencyError =>
  new DependencyError(
    `Expected ${upload.key} to stay while its header was read but it is gone. The event comes again.`,
    {
      code: 'Disappeared',
    },
  );

const cutShort = (upload: Upload, received: number, cause?: unknown): DependencyError =>
  new DependencyError(
    `Expected ${upload.bytes} bytes of ${upload.key} but received ${received}. The download is tried again.`,
    { code: 'CutShort', cause },
  );
