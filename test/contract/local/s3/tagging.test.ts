import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type Tag,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

const target = { Bucket: bucket, Key: 'a' };
const two: Tag[] = [
  { Key: 'project', Value: 'a & b=c' },
  { Key: 'größe', Value: '' },
];
const tagsOf = async (client: S3Client, more: object = {}) =>
  (await client.send(new GetObjectTaggingCommand({ ...target, ...more }))).TagSet;
const setTags = (client: S3Client, TagSet: Tag[], more: object = {}) =>
  client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet }, ...more }));

describe('the tags of an object', () => {
  it('come with it or are set later, and its bytes and date stay', async () => {
    const { client } = await startS3ForTest();
    const Tagging = 'project=a%20%26+b%3Dc&gr%C3%B6%C3%9Fe=';
    await client.send(new PutObjectCommand({ ...target, Body: 'text', Tagging }));
    expect(await tagsOf(client)).toEqual(two);
    const before = await client.send(new HeadObjectCommand(target));
    expect(before.TagCount).toBe(2);
    await setTags(client, [{ Key: 'only', Value: 'one' }]);
    expect(await tagsOf(client)).toEqual([{ Key: 'only', Value: 'one' }]);
    const { TagCount, ETag, LastModified } = await client.send(new HeadObjectCommand(target));
    expect({ TagCount, ETag, LastModified }).toEqual({
      TagCount: 1,
      ETag: before.ETag,
      LastModified: before.LastModified,
    });
    await client.send(new DeleteObjectTaggingCommand(target));
    expect(await tagsOf(client)).toEqual([]);
    expect((await client.send(new HeadObjectCommand(target))).TagCount).toBeUndefined();
    await setTags(client, two);
    await setTags(client, []);
    expect(await tagsOf(client)).toEqual([]);
  });

  it('belong to a version', async () => {
    const { client } = await startS3ForTest({ versioning: true });
    const { VersionId } = await client.send(new PutObjectCommand({ ...target, Body: '1', Tagging: 'n=1' }));
    await client.send(new PutObjectCommand({ ...target, Body: '2', Tagging: 'n=2' }));
    const set = await setTags(client, [{ Key: 'n', Value: 'one' }], { VersionId });
    expect(set.VersionId).toBe(VersionId);
    expect(await tagsOf(client)).toEqual([{ Key: 'n', Value: '2' }]);
    expect(await tagsOf(client, { VersionId })).toEqual([{ Key: 'n', Value: 'one' }]);
  });

  it('are copied along, or replaced where told; a multipart upload has its own', async () => {
    const { client } = await startS3ForTest();
    await client.send(new PutObjectCommand({ ...target, Body: 'text', Tagging: 'n=1' }));
    const copy = (Key: string, more: object) =>
      client.send(new CopyObjectCommand({ Bucket: bucket, Key, CopySource: `${bucket}/a`, ...more }));
    await copy('same', { MetadataDirective: 'REPLACE', Tagging: 'ignored=1' });
    await copy('other', { TaggingDirective: 'REPLACE', Tagging: 'n=2' });
    await copy('none', { TaggingDirective: 'REPLACE' });
    expect(await tagsOf(client, { Key: 'same' })).toEqual([{ Key: 'n', Value: '1' }]);
    expect(await tagsOf(client, { Key: 'other' })).toEqual([{ Key: 'n', Value: '2' }]);
    expect(await tagsOf(client, { Key: 'none' })).toEqual([]);

    const upload = { Bucket: bucket, Key: 'parts' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...upload, Tagging: 'n=3' }));
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'x' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
    expect(await tagsOf(client, upload)).toEqual([{ Key: 'n', Value: '3' }]);
  });

  it('are ten at most, of keys that differ and are not too long', async () => {
    const { client, port } = await startS3ForTest();
    await client.send(new PutObjectCommand({ ...target, Body: 'text' }));
    const tags = (count: number) => Array.from({ length: count }, (_, n) => ({ Key: `${n}`, Value: '' }));
    await setTags(client, tags(10));
    await setTags(client, [{ Key: '😀'.repeat(128), Value: 'v'.repeat(256) }]);
    const refused: [Tag[], string][] = [
      [tags(11), 'BadRequest'],
      [[...tags(1), ...tags(1)], 'InvalidTag'],
      [[{ Key: 'k'.repeat(129), Value: '' }], 'InvalidTag'],
      [[{ Key: 'k', Value: 'v'.repeat(257) }], 'InvalidTag'],
      [[{ Key: '', Value: '' }], 'InvalidTag'],
    ];
    for (const [set, code] of refused) expect(await failureOf(setTags(client, set))).toEqual({ status: 400, code });
    const put = client.send(new PutObjectCommand({ ...target, Body: 'text', Tagging: 'a=1&a=2' }));
    expect((await failureOf(put)).code).toBe('InvalidTag');
    const document = '<Tagging><TagSet><Other/></TagSet></Tagging>';
    const answer = await sendRaw(port, 'PUT', `/${bucket}/a?tagging`, { 'content-length': document.length }, document);
    expect(answer.body).toContain('<Code>MalformedXML</Code>');
    expect((await failureOf(tagsOf(client, { Key: 'none' }))).code).toBe('NoSuchKey');
  });
});
