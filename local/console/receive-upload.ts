import type { IncomingMessage } from 'node:http';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { recipeMetadataKey } from '../../core/recipe/choose-recipes.ts';
import { ServiceError } from '../json-protocol.ts';
import type { ObjectReference } from './answers.ts';
import { objectReference } from './object-reference.ts';

/** Where an upload goes, and what is asked for it. */
export type UploadTarget = { bucket: string; key: string; recipes: string[] };

/**
 * Streams a request's body into S3 as it comes. Throws ServiceError `MissingContentLength`, since S3 has to know the
 * size beforehand, and `Interrupted` if the browser goes away: nothing is stored then. Rejects as the S3 client does.
 */
export const receiveUpload = async (
  s3: S3Client,
  request: IncomingMessage,
  { bucket, key, recipes }: UploadTarget,
): Promise<ObjectReference> => {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!Number.isInteger(length)) {
    throw new ServiceError('MissingContentLength', 'Expected the header Content-Length but received none.', 411);
  }
  const interruption = new AbortController();
  const watch = () => request.complete || interruption.abort();
  request.once('close', watch);
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: request,
    ContentLength: length,
    ContentType: request.headers['content-type'],
    Metadata: recipes.length > 0 ? { [recipeMetadataKey]: recipes.join(',') } : undefined,
  });
  try {
    const { VersionId } = await s3.send(command, { abortSignal: interruption.signal });
    return objectReference(bucket, key, VersionId);
  } catch (error) {
    if (interruption.signal.aborted) throw new ServiceError('Interrupted', 'The upload was broken off.');
    throw error;
  } finally {
    request.off('close', watch);
  }
};
