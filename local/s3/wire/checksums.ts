import { createHash } from 'node:crypto';
import * as z from 'zod';
import { S3Error } from '../s3-error.ts';
import { type Crc, combineCrc, crc32Check, crc32cCheck, crc64nvmeCheck } from './crc.ts';

export const checksumAlgorithm = z.enum(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']);
export type ChecksumAlgorithm = z.infer<typeof checksumAlgorithm>;

/** A checksum as S3 keeps it: base64; a composite one is taken over the parts' checksums and ends in `-<parts>`. */
export const checksumSchema = z.strictObject({
  algorithm: checksumAlgorithm,
  type: z.enum(['FULL_OBJECT', 'COMPOSITE']),
  value: z.string(),
});
export type Checksum = z.infer<typeof checksumSchema>;

type Digester = { update(chunk: Uint8Array): void; digest(): Buffer };
type Algorithm = { bytes: number; crc?: Crc; start(): Digester };

const fromCrc = (crc: Crc): Algorithm => ({
  bytes: crc.bits / 8,
  crc,
  start: () => {
    const state = crc.start();
    return { update: state.update, digest: () => crcBytes(crc, state.value()) };
  },
});
const crcBytes = (crc: Crc, value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(crc.bits / 4, '0'), 'hex');

const algorithms: Record<ChecksumAlgorithm, Algorithm> = {
  CRC32: fromCrc(crc32Check),
  CRC32C: fromCrc(crc32cCheck),
  CRC64NVME: fromCrc(crc64nvmeCheck),
  SHA1: { bytes: 20, start: () => createHash('sha1') },
  SHA256: { bytes: 32, start: () => createHash('sha256') },
};

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** Whether this is a base64 value of the algorithm's length. */
export const isChecksumOf = (algorithm: ChecksumAlgorithm, value: string): boolean =>
  Buffer.from(value, 'base64').length === algorithms[algorithm].bytes && /^[\w+/]+={0,2}$/.test(value);

/** Starts a digest of one algorithm. */
export const startChecksum = (algorithm: ChecksumAlgorithm): Digester => algorithms[algorithm].start();

/**
 * The checksum of a multipart object from those of its parts, in order.
 * @throws S3Error InvalidRequest for a full-object checksum of an algorithm that cannot be combined (SHA).
 */
export const combineChecksums = (
  algorithm: ChecksumAlgorithm,
  type: Checksum['type'],
  parts: readonly { value: string; size: number }[],
): Checksum => {
  if (type === 'COMPOSITE') {
    const digester = startChecksum(algorithm);
    for (const part of parts) digester.update(Buffer.from(part.value, 'base64'));
    return { algorithm, type, value: `${digester.digest().toString('base64')}-${parts.length}` };
  }
  const { crc } = algorithms[algorithm];
  if (!crc) {
    throw new S3Error('InvalidRequest', { message: `The FULL_OBJECT checksum type cannot be used with ${algorithm}.` });
  }
  const whole = parts.reduce(
    (sum, part) => combineCrc(crc, sum, BigInt(`0x${Buffer.from(part.value, 'base64').toString('hex')}`), part.size),
    0n,
  );
  return { algorithm, type, value: crcBytes(crc, whole).toString('base64') };
};

export type Digest = { size: number; md5: Buffer; checksum?: Checksum };

/** Counts and digests what flows past: always the MD5, which is the ETag, and one checksum where one is wanted. */
export const createMeter = (algorithm?: ChecksumAlgorithm) => {
  const md5 = createHash('md5');
  const checksum = algorithm && startChecksum(algorithm);
  let size = 0;
  return {
    get size() {
      return size;
    },
    update(chunk: Buffer): void {
      size += chunk.length;
      md5.update(chunk);
      checksum?.update(chunk);
    },
    digest: (): Digest => ({
      size,
      md5: md5.digest(),
      ...(algorithm &&
        checksum && { checksum: { algorithm, type: 'FULL_OBJECT', value: checksum.digest().toString('base64') } }),
    }),
  };
};
