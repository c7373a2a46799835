/**
 * One version of one uploaded object, as its event names it. In a versioned bucket `versionId` identifies it; without
 * versioning the ETag and the event's sequencer do.
 */
export type Upload = {
  bucket: string;
  key: string;
  versionId?: string;
  etag: string;
  sequencer?: string;
  bytes: number;
};
