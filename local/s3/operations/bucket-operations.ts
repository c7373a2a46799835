import * as z from 'zod';
import { accountId, region } from '../../names.ts';
import { readDocument } from '../wire/payload.ts';
import { readXml } from '../wire/xml.ts';
import { abort } from './multipart-operations.ts';
import type { Operation } from './operation.ts';

const createDocument = z.strictObject({
  CreateBucketConfiguration: z.strictObject({ LocationConstraint: z.string() }),
});
const versioningDocument = z.strictObject({
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }),
});

export const listBuckets: Operation = (store) => {
  const Bucket = store.buckets
    .list()
    .map(({ name, created }) => ({ Name: name, CreationDate: new Date(created).toISOString() }));
  return { xml: { root: 'ListAllMyBucketsResult', content: { Owner: { ID: accountId }, Buckets: { Bucket } } } };
};

/** With no document but one that names a region, any: this one cloud stands for whichever its client is set to. */
export const createBucket: Operation = async (store, request) => {
  if (Number(request.headers.get('content-length') ?? 0) > 0) {
    readXml(await readDocument(request), createDocument);
  }
  store.buckets.create(request.bucket);
  return { headers: { location: `/${request.bucket}`, 'content-length': 0 } };
};

export const headBucket: Operation = () => ({ headers: { 'x-amz-bucket-region': region } });

/** Empty for us-east-1, which has no location constraint. */
export const getBucketLocation: Operation = () => ({ xml: { root: 'LocationConstraint', content: '' } });

/** Uploads that are under way go with their bucket, objects do not. */
export const deleteBucket: Operation = (store, { bucket }) => {
  store.buckets.remove(bucket);
  for (const upload of [...store.openUploads(bucket, { key: '' })]) abort(store, upload);
  return { status: 204 };
};

/** An empty document where versioning has never been enabled. */
export const getBucketVersioning: Operation = (store, { bucket }) => {
  const { versioning } = store.buckets.require(bucket);
  return { xml: { root: 'VersioningConfiguration', content: { Status: versioning ?? undefined } } };
};

export const putBucketVersioning: Operation = async (store, request) => {
  const document = readXml(await readDocument(request), versioningDocument);
  store.buckets.setVersioning(request.bucket, document.VersioningConfiguration.Status);
  return { headers: { 'content-length': 0 } };
};

/** Of a bucket or an object, for `s3cmd info`: all belongs to the one account that there is. */
export const getAcl: Operation = (store, { bucket, key, query }) => {
  if (key !== '') store.versions.require(bucket, key, query.get('versionId'));
  const Grantee = {
    '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    '@xsi:type': 'CanonicalUser',
    ID: accountId,
  };
  const AccessControlList = { Grant: { Grantee, Permission: 'FULL_CONTROL' } };
  return { xml: { root: 'AccessControlPolicy', content: { Owner: { ID: accountId }, AccessControlList } } };
};
