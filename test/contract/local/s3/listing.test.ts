import { ListObjectsCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectPage, positionAfter } from '../../../../local/s3/store/listing.ts';
import { bucket, failureOf, startS3ForTest } from './s3-harness.ts';

const keys = ['a', 'a/1', 'a/2', 'a/b/1', 'b', 'c/1', 'c/2', 'd e+f', 'd/'];

async function putAll(client: S3Client): Promise<void> {
  for (const Key of keys) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
  }
}

/** Every page of a listing, each as its keys and common prefixes. */
async function pages(client: S3Client, query: object): Promise<string[][]> {
  const found: string[][] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, ...query, ContinuationToken: token }));
    const prefixes = page.CommonPrefixes?.map(({ Prefix }) => Prefix ?? '') ?? [];
    found.push([...(page.Contents?.map(({ Key }) => Key ?? '') ?? []), ...prefixes]);
    expect(page.KeyCount).toBe(found.at(-1)?.length);
    expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
    token = page.NextContinuationToken;
  } while (token);
  return found;
}

describe('ListObjectsV2', () => {
  it('lists all, by prefix, rolled up, and after a key', async () => {
    const { client } = await startS3ForTest();
    await putAll(client);
    expect(await pages(client, {})).toEqual([keys]);
    expect(await pages(client, { Prefix: 'a/' })).toEqual([['a/1', 'a/2', 'a/b/1']]);
    expect(await pages(client, { Delimiter: '/' })).toEqual([['a', 'b', 'd e+f', 'a/', 'c/', 'd/']]);
    expect(await pages(client, { Delimiter: '/', Prefix: 'a/' })).toEqual([['a/1', 'a/2', 'a/b/']]);
    expect(await pages(client, { StartAfter: 'b' })).toEqual([['c/1', 'c/2', 'd e+f', 'd/']]);
    expect(await pages(client, { Prefix: 'none' })).toEqual([[]]);
    expect(await pages(client, { MaxKeys: 0 })).toEqual([[]]);
  });

  it('goes on where a page ended, be it a key or a common prefix', async () => {
    const { client } = await startS3ForTest();
    await putAll(client);
    expect((await pages(client, { MaxKeys: 2 })).flat()).toEqual(keys);
    expect(await pages(client, { MaxKeys: 3 })).toHaveLength(3);
    const rolled = await pages(client, { MaxKeys: 1, Delimiter: '/' });
    expect(rolled).toEqual([['a'], ['a/'], ['b'], ['c/'], ['d e+f'], ['d/']]);
  });

  it('tells of each object what HEAD tells', async () => {
    const { client } = await startS3ForTest();
    const { ETag } = await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a&b', Body: 'text' }));
    const query = { Bucket: bucket, FetchOwner: true, EncodingType: 'url', Prefix: 'a' } as const;
    const { Contents, EncodingType } = await client.send(new ListObjectsV2Command(query));
    const unasked = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(unasked.Contents?.[0]?.Owner).toBeUndefined();
    const expected = { Key: 'a%26b', Size: 4, ETag, StorageClass: 'STANDARD', ChecksumAlgorithm: ['CRC32'] };
    expect(Contents).toMatchObject([
      { ...expected, LastModified: expect.any(Date), Owner: { ID: expect.any(String) } },
    ]);
    expect(EncodingType).toBe('url');
  });

  it('refuses a token that it did not give, and a page length that is none', async () => {
    const { client } = await startS3ForTest();
    const invalid = { status: 400, code: 'InvalidArgument' };
    const list = (query: object) => client.send(new ListObjectsV2Command({ Bucket: bucket, ...query }));
    expect(await failureOf(list({ ContinuationToken: '!' }))).toEqual(invalid);
    expect(await failureOf(list({ MaxKeys: -1 }))).toEqual(invalid);
  });
});

describe('ListObjects', () => {
  it('goes on after a marker', async () => {
    const { client } = await startS3ForTest();
    await putAll(client);
    const first = await client.send(new ListObjectsCommand({ Bucket: bucket, MaxKeys: 2, Delimiter: '/' }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'a/', CommonPrefixes: [{ Prefix: 'a/' }] });
    const query = { Bucket: bucket, Delimiter: '/', Marker: first.NextMarker };
    const second = await client.send(new ListObjectsCommand(query));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['b', 'd e+f']);
    expect(second.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['c/', 'd/']);
  });
});

describe('a page', () => {
  const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

  it('after a page gives every key once, whatever the keys, prefix, delimiter and length', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{10ffff}'), minLength: 1, maxLength: 5 });
    const some = fc.string({ unit: fc.constantFrom('a', '/'), maxLength: 2 });
    const property = fc.property(
      fc.uniqueArray(key),
      some,
      some,
      fc.integer({ min: 1, max: 4 }),
      (all, prefix, delimiter, limit) => {
        const sorted = [...all].sort(bytewise).map((name) => ({ key: name }));
        const scan = (from: { key: string }) => sorted.filter((row) => bytewise(row.key, from.key) >= 0);
        const found: string[] = [];
        let page = collectPage(scan, { prefix, delimiter, limit, from: { key: '' } });
        found.push(...page.rows.map((row) => row.key), ...page.commonPrefixes);
        while (page.isTruncated) {
          page = collectPage(scan, {
            prefix,
            delimiter,
            limit,
            from: positionAfter(page.marker, { prefix, delimiter }),
          });
          found.push(...page.rows.map((row) => row.key), ...page.commonPrefixes);
        }
        const expected = new Set<string>();
        for (const name of all.filter((one) => one.startsWith(prefix))) {
          const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
          expected.add(cut === -1 ? name : name.slice(0, cut + delimiter.length));
        }
        expect(found.sort(bytewise)).toEqual([...expected].sort(bytewise));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
