import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bucket, failureOf, startS3ForTest } from './s3-harness.ts';

const partBytes = 5 * 1024 ** 2;
const target = { Bucket: bucket, Key: 'large picture' };
const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();

async function begin(client: S3Client, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  return (await client.send(new CreateMultipartUploadCommand({ ...target, ...more }))).UploadId ?? '';
}

async function sendPart(client: S3Client, UploadId: string, PartNumber: number, Body: Buffer | string) {
  const { ETag, ...sums } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
  return { PartNumber, ETag, ChecksumCRC32: sums.ChecksumCRC32, ChecksumCRC64NVME: sums.ChecksumCRC64NVME };
}

const complete = (client: S3Client, UploadId: string, Parts: CompletedPart[], more: object = {}) =>
  client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts }, ...more }));

describe('a multipart upload', () => {
  it('of three parts of 5 MiB makes one object, read whole and across its seams', async () => {
    const { client, bodies } = await startS3ForTest({ versioning: true });
    const parts = [1, 2, 3].map(() => randomBytes(partBytes));
    const whole = Buffer.concat(parts);
    const UploadId = await begin(client, { ContentType: 'image/tiff', Metadata: { n: '1' } });
    const sent = await Promise.all(parts.map((body, index) => sendPart(client, UploadId, index + 1, body)));

    expect((await failureOf(client.send(new HeadObjectCommand(target)))).status).toBe(404);

    const done = await complete(client, UploadId, sent);
    expect(done.ETag).toBe(`"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-3"`);
    expect(done.VersionId).toMatch(/^.{32}$/);
    const got = await client.send(new GetObjectCommand(target));
    expect(whole.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    expect(got).toMatchObject({ ContentType: 'image/tiff', Metadata: { n: '1' }, ETag: done.ETag });
    const range = { first: partBytes - 10, last: 2 * partBytes + 9 };
    const seam = await client.send(new GetObjectCommand({ ...target, Range: `bytes=${range.first}-${range.last}` }));
    const expected = whole.subarray(range.first, range.last + 1);
    expect(expected.equals((await seam.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);

    const copy = { Bucket: bucket, Key: 'copy', CopySource: encodeURI(`${bucket}/${target.Key}`) };
    const copied = await client.send(new CopyObjectCommand(copy));
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5(whole).toString('hex')}"`);
    expect(await bodies()).toHaveLength(4);
    expect((await failureOf(complete(client, UploadId, sent))).code).toBe('NoSuchUpload');
  });

  it('can be read to its end though the object is deleted before its second part was opened', async () => {
    const { client, bodies } = await startS3ForTest();
    const UploadId = await begin(client);
    const parts = [randomBytes(4 * partBytes), randomBytes(partBytes)];
    const sent = await Promise.all(parts.map((body, index) => sendPart(client, UploadId, index + 1, body)));
    await complete(client, UploadId, sent);
    const got = await client.send(new GetObjectCommand(target));
    await client.send(new DeleteObjectCommand(target));
    expect(await bodies()).toHaveLength(2);
    const bytes = (await got.Body?.transformToByteArray()) ?? Buffer.alloc(0);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    await expect.poll(bodies).toEqual([]);
  });

  it('has a composite checksum of its parts', async () => {
    const { client } = await startS3ForTest();
    const parts = [randomBytes(partBytes), Buffer.from('the end')];
    const sums = parts.map((part) => Buffer.from(crc32(part).toString(16).padStart(8, '0'), 'hex'));
    const composite = Buffer.from(crc32(Buffer.concat(sums)).toString(16).padStart(8, '0'), 'hex').toString('base64');
    const expected = { ChecksumType: 'COMPOSITE', ChecksumCRC32: `${composite}-2` };
    const UploadId = await begin(client, { ChecksumAlgorithm: 'CRC32' });
    const sent = await Promise.all(parts.map((body, index) => sendPart(client, UploadId, index + 1, body)));
    const wrong = complete(client, UploadId, sent, { ChecksumCRC32: 'AAAAAA==' });
    expect((await failureOf(wrong)).code).toBe('BadDigest');
    expect(await complete(client, UploadId, sent)).toMatchObject(expected);
    const head = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject(expected);
  });

  it('has the checksums of its parts verified', async () => {
    const { client } = await startS3ForTest();
    const ChecksumAlgorithm = 'CRC64NVME';
    const created = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm }));
    expect(created).toMatchObject({ ChecksumAlgorithm, ChecksumType: 'FULL_OBJECT' });
    const part = { ...target, UploadId: created.UploadId, PartNumber: 1, Body: '123456789' };
    const wrong = new UploadPartCommand({ ...part, ChecksumCRC64NVME: 'AAAAAAAAAAA=' });
    expect((await failureOf(client.send(wrong))).code).toBe('BadDigest');
  });

  it('takes what the listed parts say, and nothing else', async () => {
    const { client, bodies } = await startS3ForTest();
    const UploadId = await begin(client);
    const large = randomBytes(partBytes);
    const first = await sendPart(client, UploadId, 1, large);
    await sendPart(client, UploadId, 2, 'replaced');
    const second = await sendPart(client, UploadId, 2, 'second');
    const third = await sendPart(client, UploadId, 3, 'left out');
    const codeOf = async (parts: CompletedPart[]) => (await failureOf(complete(client, UploadId, parts))).code;
    expect(await codeOf([second, first])).toBe('InvalidPartOrder');
    expect(await codeOf([first, { ...second, ETag: third.ETag }])).toBe('InvalidPart');
    expect(await codeOf([first, { ...second, ChecksumCRC32: 'AAAAAA==' }])).toBe('InvalidPart');
    expect(await codeOf([first, { ...second, PartNumber: 9 }])).toBe('InvalidPart');
    expect(await codeOf([first, second, third])).toBe('EntityTooSmall');
    expect(await codeOf([])).toBe('MalformedXML');
    await complete(client, UploadId, [first, second]);
    const got = await client.send(new GetObjectCommand({ ...target, Range: 'bytes=-6' }));
    expect(await got.Body?.transformToString()).toBe('second');
    await expect.poll(async () => (await bodies()).length).toBe(2);
  });

  it('completes only if its condition holds, and can be completed after it did not', async () => {
    const { client } = await startS3ForTest();
    const UploadId = await begin(client);
    const part = await sendPart(client, UploadId, 1, 'part');
    expect(await failureOf(complete(client, UploadId, [part], { IfMatch: '"x"' }))).toEqual({
      status: 404,
      code: 'NoSuchKey',
    });
    const { ETag } = await client.send(new PutObjectCommand({ ...target, Body: 'there already' }));
    const failed = { status: 412, code: 'PreconditionFailed' };
    expect(await failureOf(complete(client, UploadId, [part], { IfNoneMatch: '*' }))).toEqual(failed);
    expect(await failureOf(complete(client, UploadId, [part], { IfMatch: '"x"' }))).toEqual(failed);
    await complete(client, UploadId, [part], { IfMatch: ETag });
    const got = await client.send(new GetObjectCommand(target));
    expect(await got.Body?.transformToString()).toBe('part');
  });

  it('is gone with all its parts when aborted', async () => {
    const { client, bodies } = await startS3ForTest();
    const UploadId = await begin(client);
    await sendPart(client, UploadId, 1, 'part');
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId }));
    await expect.poll(bodies).toEqual([]);
    const gone = { status: 404, code: 'NoSuchUpload' };
    expect(await failureOf(sendPart(client, UploadId, 2, 'late'))).toEqual(gone);
    expect(await failureOf(client.send(new AbortMultipartUploadCommand({ ...target, UploadId })))).toEqual(gone);
    expect(await bodies()).toEqual([]);
  });

  it('refuses part numbers out of 1 to 10,000, and checksums that do not go together', async () => {
    const { client } = await startS3ForTest();
    const UploadId = await begin(client, { ChecksumAlgorithm: 'SHA256' });
    expect((await failureOf(sendPart(client, UploadId, 10_001, 'x'))).code).toBe('InvalidArgument');
    expect((await failureOf(sendPart(client, UploadId, 1, 'x'))).code).toBe('InvalidRequest');
    const impossible = begin(client, { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' });
    expect((await failureOf(impossible)).code).toBe('InvalidRequest');
  });

  it('is listed while it is under way', async () => {
    const { client } = await startS3ForTest();
    const ids = [
      await begin(client, { Key: 'a' }),
      await begin(client, { Key: 'a' }),
      await begin(client, { Key: 'b/1' }),
    ];
    const found: (string | undefined)[] = [];
    let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (next) {
      const query = { Bucket: bucket, MaxUploads: 1, Delimiter: '/', ...next };
      const page: ListMultipartUploadsCommandOutput = await client.send(new ListMultipartUploadsCommand(query));
      found.push(...(page.Uploads?.map((upload) => upload.UploadId) ?? []));
      found.push(...(page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? []));
      next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
    }
    expect(found).toEqual([ids[0], ids[1], 'b/']);
  });
});
