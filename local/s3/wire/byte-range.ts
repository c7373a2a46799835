import { S3Error } from '../s3-error.ts';

/** First and last byte, both inclusive. */
export type ByteRange = { first: number; last: number };

/**
 * Reads a Range header against an object's size. Undefined means the whole object: no header, or one that is not a
 * single range of bytes, which RFC 9110 lets a server ignore and S3 does.
 * @throws S3Error InvalidRange where it holds no byte of the object, as no range of an empty object does
 */
export const readByteRange = (header: string | undefined, size: number): ByteRange | undefined => {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const range =
    first === ''
      ? { first: Math.max(0, size - Number(last)), last: size - 1 }
      : { first: Number(first), last: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
  if (range.first >= size) {
    throw new S3Error('InvalidRange', {
      details: { RangeRequested: header ?? '', ActualObjectSize: size },
      headers: { 'content-range': `bytes */${size}` },
    });
  }
  return range;
};
