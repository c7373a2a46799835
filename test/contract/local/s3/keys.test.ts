import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  type ListObjectsCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { nastyKeys } from '../../../verify/nasty-keys.ts';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

describe('keys', () => {
  // \u0001 cannot stand in XML, so a listing tells it in the encoding of URLs only.
  const odd = [
    ...nastyKeys,
    '?query#hash',
    '__proto__',
    ' ',
    '+',
    '\u{10ffff}',
    '/',
    '//',
    '.',
    '..',
    'null\u0000byte',
  ];
  const expected = odd.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const decode = (key = ''): string => decodeURIComponent(key.replaceAll('+', ' '));

  it('are names, not paths: each of these is an object of its own, in every operation', async () => {
    const { client } = await startS3ForTest();
    for (const Key of odd) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: `body of ${Key}` }));
    for (const Key of odd) {
      const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      expect(await got.Body?.transformToString()).toBe(`body of ${Key}`);
      const CopySource = `${bucket}/${encodeURIComponent(Key)}`;
      const upload = { Bucket: bucket, Key };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload));
      const part = { ...upload, UploadId, PartNumber: 1, CopySource };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult?.ETag }] };
      const { ETag } = await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
      const head = await client.send(new HeadObjectCommand(upload));
      expect(head).toMatchObject({ ETag, ContentLength: Buffer.byteLength(`body of ${Key}`) });
    }

    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url' }));
    expect(listed.Contents?.map(({ Key }) => decode(Key))).toEqual(expected);
    const paged: string[] = [];
    let Marker: string | undefined;
    do {
      const query = { Bucket: bucket, EncodingType: 'url', MaxKeys: 1, Marker, Delimiter: 'no such' } as const;
      const page: ListObjectsCommandOutput = await client.send(new ListObjectsCommand(query));
      paged.push(...(page.Contents?.map(({ Key }) => decode(Key)) ?? []));
      Marker = page.IsTruncated ? decode(page.NextMarker) : undefined;
    } while (Marker !== undefined);
    expect(paged).toEqual(expected);

    // In XML there is no way to write a null.
    const inXml = odd.filter((Key) => !Key.includes('\u0000'));
    const Delete = { Quiet: true, Objects: inXml.map((Key) => ({ Key })) };
    expect((await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }))).Errors).toBeUndefined();
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'null\u0000byte' }));
    expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
  });

  it('of more than 1,024 bytes are refused, in every operation', async () => {
    const { client } = await startS3ForTest();
    const target = { Bucket: bucket, Key: `${'ü'.repeat(512)}x` };
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'text' }));
    const calls = [
      client.send(new PutObjectCommand({ ...target, Body: 'text' })),
      client.send(new GetObjectCommand(target)),
      client.send(new DeleteObjectCommand(target)),
      client.send(new CopyObjectCommand({ ...target, CopySource: `${bucket}/a` })),
      client.send(new CreateMultipartUploadCommand(target)),
      client.send(new GetObjectTaggingCommand(target)),
    ];
    const tooLong = { status: 400, code: 'KeyTooLongError' };
    expect(await Promise.all(calls.map(failureOf))).toEqual(calls.map(() => tooLong));
    const Delete = { Objects: [{ Key: target.Key }, { Key: 'a' }] };
    const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    expect([Deleted, Errors]).toMatchObject([[{ Key: 'a' }], [{ Key: target.Key, Code: 'KeyTooLongError' }]]);
  });

  it('that are no UTF-8 are refused', async () => {
    const { port } = await startS3ForTest();
    expect(await sendRaw(port, 'GET', `/${bucket}/%FF`)).toMatchObject({ status: 400 });
  });
});
