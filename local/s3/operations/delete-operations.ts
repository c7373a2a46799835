import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import { readDocument } from '../wire/payload.ts';
import { refuseLongKey } from '../wire/s3-request.ts';
import { readXml } from '../wire/xml.ts';
import { causeOf, type Operation } from './operation.ts';

/** DeleteObjects takes a thousand keys at most. */
const maximumKeys = 1000;

const deleteDocument = z.strictObject({
  Delete: z.strictObject({
    Object: z
      .array(z.strictObject({ Key: z.string().min(1), VersionId: z.string().optional(), ETag: z.string().optional() }))
      .max(maximumKeys),
    Quiet: z.enum(['true', 'false']).optional(),
  }),
});

export const deleteObject: Operation = (store, request) => {
  const { bucket, key, query, headers } = request;
  const target = { bucket, key, id: query.get('versionId'), ifMatch: headers.get('if-match') };
  const version = store.versions.remove(target, causeOf(request, 'ObjectRemoved:Delete'));
  return {
    status: 204,
    headers: {
      // Without a version id in the request only a new delete marker has an id to tell.
      'x-amz-version-id': target.id ?? (version?.marker ? version.id : undefined),
      'x-amz-delete-marker': version?.marker ? 'true' : undefined,
    },
  };
};

export const deleteObjects: Operation = async (store, request) => {
  const { bucket } = request;
  const document = readXml(await readDocument(request), deleteDocument).Delete;
  const deleted = [];
  const errors = [];
  for (const { Key, VersionId, ETag } of document.Object) {
    try {
      refuseLongKey(Key);
      const target = { bucket, key: Key, id: VersionId, ifMatch: ETag };
      const version = store.versions.remove(target, causeOf(request, 'ObjectRemoved:Delete'));
      deleted.push({
        Key,
        VersionId,
        ...(version?.marker && { DeleteMarker: true, DeleteMarkerVersionId: version.id }),
      });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ Key, VersionId, Code: error.code, Message: error.message });
    }
  }
  const isQuiet = document.Quiet === 'true';
  return { xml: { root: 'DeleteResult', content: { Deleted: isQuiet ? undefined : deleted, Error: errors } } };
};
