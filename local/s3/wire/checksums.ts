import { createHash } from 'node:crypto';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import { combineCrcs, crc32cDigester, crc32Digester, crc64nvmeDigester, type Digester, polynomials } from './crc.ts';

export const checksumAlgorithm = z.enum(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']);
export type ChecksumAlgorithm = z.infer<typeof checksumAlgorithm>;

/** A checksum as S3 keeps it: base64; a composite one is taken over the parts' checksums and ends in `-<parts>`. */
export const checksumSchema = z.strictObject({
  algorithm: checksumAlgorithm,
  type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
  value: z.string(),
});
export type Checksum = z.infer<typeof checksumSchema>;

type Algorithm = { bytes: number; start(): Digester; polynomial?: bigint };
const algorithms: Record<ChecksumAlgorithm, Algorithm> = {
  CRC32: { bytes: 4, start: crc32Digester, polynomial: polynomials.crc32 },
  CRC32C: { bytes: 4, start: crc32cDigester, polynomial: polynomials.crc32c },
  CRC64NVME: { bytes: 8, start: crc64nvmeDigester, polynomial: polynomials.crc64nvme },
  SHA1: { bytes: 20, start: () => createHash('sha1') },
  SHA256: { bytes: 32, start: () => createHash('sha256') },
};

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The headers that tell a checksum, on reads and on the answers of writes. */
export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type } : {};

/** The elements of a document that tell a checksum. */
export const checksumElements = (checksum: Checksum | undefined): Record<string, string> =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};

/** The element that tells a part's checksum. */
export const checksumElement = (checksum: Checksum | null): Record<string, string> =>
  checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value } : {};

/** Whether this is a base64 value of the algorithm's length. */
export const isChecksumOf = (algorithm: ChecksumAlgorithm, value: string): boolean =>
  Buffer.from(value, 'base64').length === algorithms[algorithm].bytes && /^[\w+/]+={0,2}$/.test(value);

type PartChecksum = { value: string; size: number };

/** The checksum of a multipart object over the checksums of its parts, in order. */
export const compositeChecksum = (algorithm: ChecksumAlgorithm, parts: readonly PartChecksum[]): Checksum => {
  const digester = algorithms[algorithm].start();
  for (const { value } of parts) digester.update(Buffer.from(value, 'base64'));
  return { algorithm, type: 'COMPOSITE', value: `${digester.digest().toString('base64')}-${parts.length}` };
};

/** The checksum of a multipart object's bytes, reckoned from those of its parts. Only a CRC can be. */
export const fullChecksum = (algorithm: ChecksumAlgorithm, parts: readonly PartChecksum[]): Checksum => {
  const { polynomial, bytes } = algorithms[algorithm];
  if (polynomial === undefined) throw new S3Error('InvalidRequest');
  const crcs = parts.map(({ value, size }) => ({ crc: Buffer.from(value, 'base64'), size }));
  return { algorithm, type: 'FULL_OBJECT', value: combineCrcs(polynomial, bytes, crcs).toString('base64') };
};

export type Digest = { size: number; md5: Buffer; checksum?: Checksum };

/** Counts and digests what flows past: always the MD5, which is the ETag, and one checksum where one is wanted. */
export const createMeter = (algorithm?: ChecksumAlgorithm) => {
  const md5 = createHash('md5');
  const digester = algorithm && algorithms[algorithm].start();
  let size = 0;
  let digest: Digest | undefined;
  return {
    get size() {
      return size;
    },
    update(chunk: Buffer): void {
      size += chunk.length;
      md5.update(chunk);
      digester?.update(chunk);
    },
    /** To be asked for when everything has flowed past. */
    digest(): Digest {
      digest ??= {
        size,
        md5: md5.digest(),
        checksum: algorithm &&
          digester && { algorithm, type: 'FULL_OBJECT', value: digester.digest().toString('base64') },
      };
      return digest;
    },
  };
};
