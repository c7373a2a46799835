import type { ObjectReference } from './answers.ts';

/**
 * An object with its link. The key is in the query, not in the path: browsers take path segments such as `..` away,
 * and they are keys as good as any.
 */
export const objectReference = (bucket: string, key: string, versionId?: string): ObjectReference => {
  const query = new URLSearchParams({ key, ...(versionId !== undefined && { versionId }) });
  return { bucket, key, versionId, href: `/_kadam/objects/${bucket}?${query}` };
};
