import * as z from 'zod';
import { accountId, region } from '../../names.ts';
import { S3Error } from '../s3-error.ts';
import { readDocument } from '../wire/payload.ts';
import { readXml } from '../wire/xml.ts';
import type { Operation } from './operation.ts';

const createDocument = z.strictObject({
  CreateBucketConfiguration: z.strictObject({ LocationConstraint: z.string() }),
});
const versioningDocument = z.strictObject({
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }),
});

export const listBuckets: Operation = (store) => ({
  xml: {
    root: 'ListAllMyBucketsResult',
    content: {
      Owner: { ID: accountId },
      Buckets: {
        Bucket: store.buckets
          .list()
          .map(({ name, created }) => ({ Name: name, CreationDate: new Date(created).toISOString() })),
      },
    },
  },
});

export const createBucket: Operation = async (store, request) => {
  // Without a body: us-east-1. Any other region has no place here.
  if (Number(request.headers.get('content-length') ?? 0) > 0) {
    const { CreateBucketConfiguration } = readXml(await readDocument(request), createDocument);
    if (CreateBucketConfiguration.LocationConstraint !== region) {
      throw new S3Error('InvalidArgument', { message: `Expected the region ${region} for a bucket.` });
    }
  }
  store.buckets.create(request.bucket);
  return { headers: { location: `/${request.bucket}`, 'content-length': 0 } };
};

export const headBucket: Operation = (store, request) => {
  store.buckets.require(request.bucket);
  return { headers: { 'x-amz-bucket-region': region } };
};

/** Empty for us-east-1, which has no location constraint. */
export const getBucketLocation: Operation = (store, request) => {
  store.buckets.require(request.bucket);
  return { xml: { root: 'LocationConstraint', content: '' } };
};

export const getBucketVersioning: Operation = (store, request) => {
  const { versioning } = store.buckets.require(request.bucket);
  return { xml: { root: 'VersioningConfiguration', content: { Status: versioning ?? undefined } } };
};

export const putBucketVersioning: Operation = async (store, request) => {
  store.buckets.require(request.bucket);
  const { VersioningConfiguration } = readXml(await readDocument(request), versioningDocument);
  store.buckets.setVersioning(request.bucket, VersioningConfiguration.Status);
  return { headers: { 'content-length': 0 } };
};
