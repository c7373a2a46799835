import * as z from 'zod';
import type { Store } from '../store/open-store.ts';
import type { Version } from '../store/version.ts';
import { readDocument } from '../wire/payload.ts';
import type { S3Request } from '../wire/s3-request.ts';
import { checkTags } from '../wire/tags.ts';
import { readXml } from '../wire/xml.ts';
import type { Operation } from './operation.ts';

// Called by boto3, `aws s3api` and, when it copies in parts, `aws s3 cp` of version 2.

const taggingDocument = z.strictObject({
  Tagging: z.strictObject({
    TagSet: z.union([
      z.literal('').transform(() => ({ Tag: [] })),
      z.strictObject({ Tag: z.array(z.strictObject({ Key: z.string(), Value: z.string() })) }),
    ]),
  }),
});

export const getObjectTagging: Operation = (store, request) => {
  const version = find(store, request);
  const Tag = (version.details.tags ?? []).map(([Key, Value]) => ({ Key, Value }));
  return { headers: idHeader(store, version), xml: { root: 'Tagging', content: { TagSet: { Tag } } } };
};

export const putObjectTagging: Operation = async (store, request) => {
  const { TagSet } = readXml(await readDocument(request), taggingDocument).Tagging;
  const version = find(store, request);
  store.versions.setTags(version, checkTags(TagSet.Tag.map(({ Key, Value }) => [Key, Value])));
  return { headers: { ...idHeader(store, version), 'content-length': 0 } };
};

export const deleteObjectTagging: Operation = (store, request) => {
  const version = find(store, request);
  store.versions.setTags(version, []);
  return { status: 204, headers: idHeader(store, version) };
};

const find = (store: Store, { bucket, key, query }: S3Request): Version =>
  store.versions.require(bucket, key, query.get('versionId'));

const idHeader = (store: Store, version: Version) => ({ 'x-amz-version-id': store.versions.visibleId(version) });
