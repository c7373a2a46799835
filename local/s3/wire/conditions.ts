import { S3Error } from '../s3-error.ts';

/** What a write demands of the current object: that it has this ETag, or that there is none. */
export type WriteCondition = { ifMatch?: string; ifNoneMatch?: boolean };

/** Reads If-Match and If-None-Match of a write; an ETag in If-None-Match is not implemented, neither here nor at AWS. */
export const readWriteCondition = (headers: ReadonlyMap<string, string>): WriteCondition => {
  const ifNoneMatch = headers.get('if-none-match');
  const ifMatch = headers.get('if-match');
  if (ifNoneMatch !== undefined && (ifNoneMatch !== '*' || ifMatch !== undefined)) {
    throw new S3Error('NotImplemented', { details: { Header: 'If-None-Match' } });
  }
  return { ifMatch, ifNoneMatch: ifNoneMatch !== undefined };
};

/**
 * Holds a write against the current object, undefined where there is none or a delete marker.
 * @throws S3Error PreconditionFailed; NoSuchKey for If-Match on nothing (PutObject, If-Match: '404 Not Found')
 */
export const checkWriteCondition = (current: { etag: string } | undefined, condition: WriteCondition): void => {
  if (condition.ifNoneMatch && current) throw new S3Error('PreconditionFailed');
  if (condition.ifMatch === undefined) return;
  if (!current) throw new S3Error('NoSuchKey');
  if (!matches(condition.ifMatch, current.etag)) throw new S3Error('PreconditionFailed');
};

/**
 * Holds a read against the object's ETag and date, by RFC 9110's order of precedence (section 13.2.2).
 * @param prefix '' for GET and HEAD, 'x-amz-copy-source-' for the source of a copy, where all failures are 412
 * @throws S3Error PreconditionFailed, NotModified
 */
export const checkReadConditions = (
  headers: ReadonlyMap<string, string>,
  object: { etag: string; modified: number },
  prefix = '',
): void => {
  const ifMatch = headers.get(`${prefix}if-match`);
  const ifNoneMatch = headers.get(`${prefix}if-none-match`);
  const unmodifiedSince = Date.parse(headers.get(`${prefix}if-unmodified-since`) ?? '');
  const modifiedSince = Date.parse(headers.get(`${prefix}if-modified-since`) ?? '');

  if (ifMatch === undefined ? object.modified > unmodifiedSince : !matches(ifMatch, object.etag)) {
    throw new S3Error('PreconditionFailed');
  }
  if (ifNoneMatch === undefined ? object.modified <= modifiedSince : matches(ifNoneMatch, object.etag)) {
    throw new S3Error(prefix === '' ? 'NotModified' : 'PreconditionFailed', {
      headers: { etag: `"${object.etag}"`, 'last-modified': new Date(object.modified).toUTCString() },
    });
  }
};

/** Whether a header's list of ETags, quoted or not, holds this one. */
export const matches = (header: string, etag: string): boolean =>
  header === '*' || header.split(',').some((item) => item.trim().replace(/^"(.*)"$/, '$1') === etag);
