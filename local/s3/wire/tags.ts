import * as z from 'zod';
import { S3Error } from '../s3-error.ts';

/** The tags of an object, in their order. */
export const tagsSchema = z.array(z.tuple([z.string(), z.string()]));
export type Tags = z.infer<typeof tagsSchema>;

// S3 user guide, 'Categorizing your objects using tags'; lengths in characters.
const maximumTags = 10;
const maximumKeyLength = 128;
const maximumValueLength = 256;

/** Reads x-amz-tagging, which is encoded like a query. */
export const readTagsHeader = (header: string | undefined): Tags | undefined =>
  header === undefined ? undefined : checkTags([...new URLSearchParams(header)]);

/** @throws S3Error InvalidTag, BadRequest */
export const checkTags = (tags: Tags): Tags => {
  if (tags.length > maximumTags) {
    throw new S3Error('BadRequest', { message: `Object tags cannot be greater than ${maximumTags}` });
  }
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw new S3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' });
  }
  for (const [key, value] of tags) {
    if (key === '' || [...key].length > maximumKeyLength || [...value].length > maximumValueLength) {
      throw new S3Error('InvalidTag', { details: { TagKey: key } });
    }
  }
  return tags;
};
