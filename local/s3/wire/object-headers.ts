import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import { readTagsHeader, tagsSchema } from './tags.ts';

/** What a client may say of an object beside its bytes. Header values are kept as the bytes they came as (latin1). */
export const objectHeadersSchema = z.strictObject({
  headers: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.string()),
  tags: tagsSchema.optional(),
});
export type ObjectHeaders = z.infer<typeof objectHeadersSchema>;

const kept = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];
const metadataPrefix = 'x-amz-meta-';
/** Names and values of user metadata together: 2 KB (S3 user guide, 'Working with object metadata'). */
const maximumMetadataBytes = 2048;

/** Reads the headers that are stored with an object, user metadata as UTF-8. */
export const readObjectHeaders = (headers: ReadonlyMap<string, string>): ObjectHeaders => {
  const stored: ObjectHeaders = {
    headers: { 'content-type': headers.get('content-type') ?? 'binary/octet-stream' },
    metadata: {},
    tags: readTagsHeader(headers.get('x-amz-tagging')),
  };
  for (const name of kept) {
    const value = name === 'content-encoding' ? contentEncoding(headers.get(name)) : headers.get(name);
    if (value !== undefined) stored.headers[name] = value;
  }
  let bytes = 0;
  for (const [name, value] of headers) {
    if (name.startsWith(metadataPrefix)) {
      bytes += name.length - metadataPrefix.length + value.length;
      stored.metadata[name.slice(metadataPrefix.length)] = decodeUtf8(value);
    }
  }
  if (bytes > maximumMetadataBytes) {
    throw new S3Error('MetadataTooLarge', { details: { Size: bytes, MaxSizeAllowed: maximumMetadataBytes } });
  }
  return stored;
};

/** The headers that give back what was stored. Metadata beyond ASCII goes out in RFC 2047's form, as AWS sends it. */
export const writeObjectHeaders = ({ headers, metadata, tags = [] }: ObjectHeaders): Record<string, string> => {
  const written = { ...headers };
  for (const [name, value] of Object.entries(metadata)) {
    const isAscii = /^[\t\x20-\x7e]*$/.test(value);
    written[metadataPrefix + name] = isAscii ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  }
  if (tags.length > 0) written['x-amz-tagging-count'] = String(tags.length);
  return written;
};

// The transfer's own encoding is not the object's.
const contentEncoding = (header: string | undefined): string | undefined => {
  const codings = header?.split(',').map((coding) => coding.trim());
  return codings?.filter((coding) => coding !== 'aws-chunked' && coding !== '').join(', ') || undefined;
};

// Node hands out header bytes as latin1; clients that send more than ASCII unencoded mean UTF-8.
const decodeUtf8 = (value: string): string => {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : value;
};
