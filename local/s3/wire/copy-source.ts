import { percentDecode } from '../../signatures/percent-encoding.ts';
import { S3Error } from '../s3-error.ts';
import type { ByteRange } from './byte-range.ts';

/** Reads x-amz-copy-source, `[/]bucket/key[?versionId=id]`, percent-encoded as a whole or but for its slashes. */
export const readCopySource = (header = ''): { bucket: string; key: string; versionId?: string } => {
  const [, source = '', versionId] = /^(.*?)(?:\?versionId=([^&]+))?$/s.exec(header) ?? [];
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decode(source)) ?? [];
  if (bucket !== undefined && key !== undefined) return { bucket, key, versionId };
  throw new S3Error('InvalidArgument', {
    message: 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
  });
};

/** Reads x-amz-copy-source-range, the whole source where there is none. Unlike Range, it names both ends. */
export const readCopyRange = (header: string | undefined, size: number): ByteRange => {
  if (header === undefined) return { first: 0, last: size - 1 };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first !== undefined && Number(first) <= Number(last) && Number(last) < size) {
    return { first: Number(first), last: Number(last) };
  }
  throw new S3Error('InvalidArgument', {
    message: `Range specified is not valid for source object of size: ${size}`,
    details: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
  });
};

const decode = (text: string): string => {
  try {
    return percentDecode(text);
  } catch (cause) {
    throw new S3Error('InvalidURI', { cause });
  }
};
