import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import { readDocument } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { readXml } from '../wire/xml.ts';
import type { Operation } from './operation.ts';

// Ten tags an object, 128 characters a key, 256 a value (S3 user guide, 'Object tagging').
const maximumTags = 10;
const maximumKeyLength = 128;
const maximumValueLength = 256;

const tagSchema = z.strictObject({ Key: z.string(), Value: z.string() });
const taggingDocument = z.strictObject({
  // An empty TagSet is read as an empty text.
  Tagging: z.strictObject({ TagSet: z.union([z.strictObject({ Tag: z.array(tagSchema) }), z.literal('')]) }),
});

export const getObjectTagging: Operation = (store, request) => {
  const version = store.versions.require(request.bucket, request.key, request.query.get('versionId'));
  const tags = Object.entries(version.details.tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    headers: { 'x-amz-version-id': store.versions.visibleId(version) },
    xml: { root: 'Tagging', content: { TagSet: { Tag: tags } } },
  };
};

export const putObjectTagging: Operation = async (store, request) => {
  const { TagSet } = readXml(await readDocument(request), taggingDocument).Tagging;
  const pairs = TagSet === '' ? [] : TagSet.Tag.map(({ Key, Value }): [string, string] => [Key, Value]);
  const version = store.versions.require(request.bucket, request.key, request.query.get('versionId'));
  store.versions.setTags(version, checkTags(pairs));
  return { headers: { 'x-amz-version-id': store.versions.visibleId(version), 'content-length': 0 } };
};

export const deleteObjectTagging: Operation = (store, request) => {
  const version = store.versions.require(request.bucket, request.key, request.query.get('versionId'));
  store.versions.setTags(version, {});
  return { status: 204, headers: { 'x-amz-version-id': store.versions.visibleId(version) } };
};

/** The tags that a write brings along in its header, as a form: `key=value&...`. */
export const readTagHeader = (request: S3Request): Record<string, string> =>
  checkTags([...new URLSearchParams(request.headers.get('x-amz-tagging') ?? '')]);

const checkTags = (pairs: [key: string, value: string][]): Record<string, string> => {
  if (pairs.length > maximumTags) {
    throw new S3Error('InvalidTag', { message: `Object tags cannot be greater than ${maximumTags}` });
  }
  const tags = new Map(pairs);
  if (tags.size < pairs.length) {
    throw new S3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  }
  for (const [key, value] of tags) {
    if (key === '' || key.length > maximumKeyLength || value.length > maximumValueLength) {
      throw new S3Error('InvalidTag', { details: { TagKey: key, TagValue: value } });
    }
  }
  return Object.fromEntries(tags);
};
