import type { OutputFile, Replaces } from '../core/ports.ts';

/**
 * The answers of a conditional write or delete that was not done, because the key has changed: If-Match on a missing key
 * is answered with 404, and 409 means that another write was under way. Whoever asked looks at the key again.
 */
export const changedNames = ['PreconditionFailed', 'NoSuchKey', 'ConditionalRequestConflict'];

/** The condition headers for what a write is to replace. */
export const condition = (replaces: Replaces) =>
  replaces === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: replaces.etag };

/** The object metadata that names the run of a job which wrote an object. */
export const writerMetadataKey = 'kadam-job';

/** The headers that an output is served with, the same for a PUT and for an upload in parts. */
export const objectHeaders = (file: OutputFile) => ({
  ContentType: file.contentType,
  CacheControl: file.cacheControl,
  Metadata: { [writerMetadataKey]: file.writer },
});
