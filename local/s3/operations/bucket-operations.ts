import { accountId, region } from '../../names.ts';
import { S3Error } from '../s3-error.ts';
import type { Operation } from './operation.ts';

export const listBuckets: Operation = (store) => {
  const Bucket = store.buckets
    .list()
    .map(({ name, created }) => ({ Name: name, CreationDate: new Date(created).toISOString() }));
  return { xml: { root: 'ListAllMyBucketsResult', content: { Owner: { ID: accountId }, Buckets: { Bucket } } } };
};

/** Without a document: in us-east-1, the only region that there is. */
export const createBucket: Operation = (store, request) => {
  if (Number(request.headers.get('content-length') ?? 0) > 0) {
    throw new S3Error('NotImplemented', { message: `Expected a bucket of ${region}, with no configuration.` });
  }
  store.buckets.create(request.bucket);
  return { headers: { location: `/${request.bucket}`, 'content-length': 0 } };
};

export const headBucket: Operation = () => ({ headers: { 'x-amz-bucket-region': region } });

/** Empty for us-east-1, which has no location constraint. */
export const getBucketLocation: Operation = () => ({ xml: { root: 'LocationConstraint', content: '' } });
