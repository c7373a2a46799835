import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  type ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type ListPartsCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullChecksum } from '../../../../local/s3/wire/checksums.ts';
import { crc32cDigester, crc32Digester, crc64nvmeDigester } from '../../../../local/s3/wire/crc.ts';
import { bucket, failureOf, sendRaw, startS3ForTest } from './s3-harness.ts';

const partBytes = 5 * 1024 ** 2;
const target = { Bucket: bucket, Key: 'large' };
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

const begin = async (client: S3Client, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> =>
  (await client.send(new CreateMultipartUploadCommand({ ...target, ...more }))).UploadId ?? '';
const complete = (client: S3Client, UploadId: string, Parts: CompletedPart[], more: object = {}) =>
  client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts }, ...more }));

describe('a part copied from another object', () => {
  it('is the range of it that was asked for', async () => {
    const { client } = await startS3ForTest({ versioning: true });
    const source = randomBytes(partBytes + 1000);
    const { VersionId } = await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'ü +%&', Body: source }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'ü +%&', Body: 'newer' }));
    const UploadId = await begin(client, { ChecksumAlgorithm: 'CRC32' });
    const CopySource = `${bucket}/${encodeURIComponent('ü +%&')}?versionId=${VersionId}`;
    const copy = async (PartNumber: number, CopySourceRange?: string) => {
      const input = { ...target, UploadId, PartNumber, CopySource, CopySourceRange };
      const { CopyPartResult, CopySourceVersionId } = await client.send(new UploadPartCopyCommand(input));
      expect(CopySourceVersionId).toBe(VersionId);
      expect(CopyPartResult?.LastModified).toBeInstanceOf(Date);
      return { PartNumber, ETag: CopyPartResult?.ETag, ChecksumCRC32: CopyPartResult?.ChecksumCRC32 };
    };
    const parts = [
      await copy(1),
      await copy(2, 'bytes=10-19'),
      await copy(3, `bytes=${source.length - 1}-${source.length - 1}`),
    ];
    expect(parts[1]?.ETag).toBe(`"${md5(source.subarray(10, 20))}"`);
    expect(parts[0]?.ChecksumCRC32).toBe(base64(crc32(source).toString(16).padStart(8, '0')));
    expect((await failureOf(complete(client, UploadId, parts))).code).toBe('EntityTooSmall');
    await complete(client, UploadId, parts.slice(0, 2));
    const got = await client.send(new GetObjectCommand(target));
    const expected = Buffer.concat([source, source.subarray(10, 20)]);
    expect(expected.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  });

  it('is refused where the range, the source or a condition is not so', async () => {
    const { client, bodies } = await startS3ForTest();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body: 'text' }));
    const UploadId = await begin(client);
    const copy = (more: object) =>
      failureOf(
        client.send(
          new UploadPartCopyCommand({ ...target, UploadId, PartNumber: 1, CopySource: `${bucket}/a`, ...more }),
        ),
      );
    for (const CopySourceRange of ['bytes=0-4', 'bytes=2-1', 'bytes=1-', 'bytes=-1']) {
      expect(await copy({ CopySourceRange })).toEqual({ status: 400, code: 'InvalidArgument' });
    }
    expect((await copy({ CopySource: `${bucket}/none` })).code).toBe('NoSuchKey');
    expect((await copy({ CopySource: 'nothing' })).code).toBe('InvalidArgument');
    expect((await copy({ CopySourceIfMatch: '"other"' })).code).toBe('PreconditionFailed');
    expect((await copy({ PartNumber: 10_001 })).code).toBe('InvalidArgument');
    expect((await copy({ UploadId: 'none' })).code).toBe('NoSuchUpload');
    expect(await bodies()).toHaveLength(1);
  });
});

describe('ListParts', () => {
  it('tells what is there, page by page', async () => {
    const { client } = await startS3ForTest();
    const Key = 'a b';
    const UploadId = await begin(client, { Key, ChecksumAlgorithm: 'SHA256' });
    for (const PartNumber of [7, 2, 11]) {
      const part = {
        Bucket: bucket,
        Key,
        UploadId,
        PartNumber,
        Body: `${PartNumber}`,
        ChecksumAlgorithm: 'SHA256',
      } as const;
      await client.send(new UploadPartCommand(part));
    }
    const found: unknown[] = [];
    let marker: string | undefined;
    do {
      const query = { Bucket: bucket, Key, UploadId, MaxParts: 2, PartNumberMarker: marker };
      const page: ListPartsCommandOutput = await client.send(new ListPartsCommand(query));
      expect(page).toMatchObject({ Key, UploadId, ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' });
      found.push(page.Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag]));
      expect(page.Parts?.[0]?.ChecksumSHA256).toBeDefined();
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    } while (marker);
    const entry = (number: number) => [number, `${number}`.length, `"${md5(Buffer.from(`${number}`))}"`];
    expect(found).toEqual([[entry(2), entry(7)], [entry(11)]]);
    const missing = client.send(new ListPartsCommand({ Bucket: bucket, Key: 'other', UploadId }));
    expect((await failureOf(missing)).code).toBe('NoSuchUpload');
  });
});

describe('a part of an object', () => {
  it('is read by its number', async () => {
    const { client, port } = await startS3ForTest();
    const UploadId = await begin(client);
    const bodies = [randomBytes(partBytes), Buffer.from('the end')];
    const parts = [];
    // Numbers need not be in a row.
    for (const [index, PartNumber] of [3, 8].entries()) {
      const { ETag } = await client.send(
        new UploadPartCommand({ ...target, UploadId, PartNumber, Body: bodies[index] }),
      );
      parts.push({ PartNumber, ETag });
    }
    const { ETag } = await complete(client, UploadId, parts);
    const last = await client.send(new GetObjectCommand({ ...target, PartNumber: 8 }));
    expect(await last.Body?.transformToString()).toBe('the end');
    const ContentRange = `bytes ${partBytes}-${partBytes + 6}/${partBytes + 7}`;
    expect(last).toMatchObject({ PartsCount: 2, ContentLength: 7, ETag, ContentRange });
    expect(last.$metadata.httpStatusCode).toBe(206);
    const head = await client.send(new HeadObjectCommand({ ...target, PartNumber: 3 }));
    expect(head).toMatchObject({ PartsCount: 2, ContentLength: partBytes });
    const absent = client.send(new GetObjectCommand({ ...target, PartNumber: 1 }));
    expect(await failureOf(absent)).toEqual({ status: 416, code: 'InvalidPartNumber' });
    const both = await sendRaw(port, 'GET', `/${bucket}/large?partNumber=3`, { range: 'bytes=0-1' });
    expect(both.body).toContain('Cannot specify both Range header and partNumber');
  });

  it('of one that came whole is that', async () => {
    const { client } = await startS3ForTest();
    for (const Body of ['text', '']) {
      await client.send(new PutObjectCommand({ ...target, Body }));
      const got = await client.send(new GetObjectCommand({ ...target, PartNumber: 1 }));
      expect(await got.Body?.transformToString()).toBe(Body);
      expect(got.PartsCount).toBeUndefined();
      const second = client.send(new GetObjectCommand({ ...target, PartNumber: 2 }));
      expect((await failureOf(second)).code).toBe('InvalidPartNumber');
    }
  });
});

describe('the checksum of a full object', () => {
  // Of '123456789', from the CRC catalogue.
  it.each([
    ['CRC32', base64('cbf43926')],
    ['CRC32C', base64('e3069283')],
    ['CRC64NVME', base64('ae8b14860a799888')],
  ] as [ChecksumAlgorithm, string][])('%s is verified and kept', async (algorithm, sum) => {
    const { client } = await startS3ForTest();
    const full = { ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' } as const;
    const UploadId = await begin(client, full);
    const name = `Checksum${algorithm}`;
    const part = { ...target, UploadId, PartNumber: 1, Body: '123456789' };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, [name]: sum }));
    const listed = [{ PartNumber: 1, ETag, [name]: sum }];
    const wrong = complete(client, UploadId, listed, { [name]: 'AAAAAAAAAAA='.slice(-sum.length) });
    expect((await failureOf(wrong)).code).toMatch(/BadDigest|InvalidRequest/);
    const otherType = complete(client, UploadId, listed, { ChecksumType: 'COMPOSITE' });
    expect((await failureOf(otherType)).code).toBe('InvalidRequest');
    const done = await complete(client, UploadId, listed, { [name]: sum, ChecksumType: 'FULL_OBJECT' });
    expect(done).toMatchObject({ [name]: sum, ChecksumType: 'FULL_OBJECT' });
    const head = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ [name]: sum, ChecksumType: 'FULL_OBJECT' });
  });

  it('is reckoned from those of any parts', () => {
    const starts = { CRC32: crc32Digester, CRC32C: crc32cDigester, CRC64NVME: crc64nvmeDigester } as const;
    const property = fc.property(
      fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME'),
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 6 }),
      (algorithm, pieces) => {
        const sumOf = (bytes: readonly Uint8Array[]): string => {
          const digester = starts[algorithm]();
          for (const piece of bytes) digester.update(piece);
          return digester.digest().toString('base64');
        };
        const parts = pieces.map((piece) => ({ value: sumOf([piece]), size: piece.length }));
        expect(fullChecksum(algorithm, parts).value).toBe(sumOf(pieces));
      },
    );
    fc.assert(property);
  });
});
