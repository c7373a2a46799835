import { createHash } from 'node:crypto';
import { S3Error } from '../s3-error.ts';
import {
  type ChecksumAlgorithm,
  checksumAlgorithm,
  checksumHeader,
  createMeter,
  type Digest,
  isChecksumOf,
} from './checksums.ts';
import { decodeChunked } from './decode-chunked.ts';
import type { S3Request } from './s3-request.ts';

/** The largest body of one PUT or one part: 5 GiB (S3 quotas). */
const maximumBytes = 5 * 1024 ** 3;
/** The largest XML document of a request: DeleteObjects with a thousand keys of 1,024 escaped bytes fits. */
const maximumDocumentBytes = 8 * 1024 ** 2;

/** Bytes on their way in. `digest` is there after `chunks` has run to its end. */
export type Payload = { chunks: AsyncIterable<Buffer>; digest(): Digest };
export type PayloadOptions = { wanted?: ChecksumAlgorithm; isChecksumForeign?: boolean };

/**
 * Opens the body of a request: decoded, metered, and verified against everything that the client says of it (length,
 * Content-MD5, x-amz-checksum-* as header or trailer, x-amz-content-sha256). The verdict comes as an error at the end
 * of `chunks`, so whoever stores them must store nothing until then.
 * @param options.wanted the checksum to take where the client sends none; another one than this is refused
 * @param options.isChecksumForeign whether x-amz-checksum-* tells of something else than this body
 * @throws S3Error MissingContentLength, EntityTooLarge, InvalidRequest, InvalidDigest; from `chunks` IncompleteBody,
 *   BadDigest, XAmzContentSHA256Mismatch, MalformedTrailerError
 */
export const openPayload = (request: S3Request, options: PayloadOptions = {}): Payload => {
  const { headers } = request;
  const { wanted } = options;
  const { signedBody } = request;
  const isChunked = signedBody.isChunked || headers.get('content-encoding')?.includes('aws-chunked') === true;
  const bytes = declaredLength(headers.get(isChunked ? 'x-amz-decoded-content-length' : 'content-length'));
  const declared = options.isChecksumForeign ? undefined : declaredChecksum(headers);
  if (wanted && declared && declared.algorithm !== wanted) {
    throw new S3Error('InvalidRequest', {
      message: `Checksum Type mismatch occurred, expected checksum Type: ${wanted}, actual checksum Type: ${declared.algorithm}`,
    });
  }
  const verifyHeaders = headerDigests(headers.get('content-md5'), signedBody.sha256);
  const meter = createMeter(declared?.algorithm ?? wanted);

  async function* chunks(): AsyncGenerator<Buffer> {
    const trailers = new Map<string, string>();
    const raw: AsyncIterable<Buffer> = request.message;
    for await (const chunk of isChunked ? decodeChunked(raw, trailers, signedBody) : raw) {
      meter.update(chunk);
      verifyHeaders.update(chunk);
      if (meter.size > bytes) throw new S3Error('IncompleteBody');
      yield chunk;
    }
    if (meter.size !== bytes) throw new S3Error('IncompleteBody');
    const digest = meter.digest();
    verifyHeaders.end(digest.md5);
    if (declared) verifyChecksum(declared, declared.value ?? trailers.get(checksumHeader(declared.algorithm)), digest);
  }

  return { chunks: chunks(), digest: meter.digest };
};

/** Reads and verifies a small body, an XML document. */
export const readDocument = async (request: S3Request, options: PayloadOptions = {}): Promise<string> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of openPayload(request, options).chunks) {
    bytes += piece.length;
    if (bytes > maximumDocumentBytes) {
      throw new S3Error('MalformedXML', { message: `Expected a document of ${maximumDocumentBytes} bytes at most.` });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
};

const declaredLength = (header: string | undefined): number => {
  if (header === undefined || !/^\d{1,15}$/.test(header)) throw new S3Error('MissingContentLength');
  if (Number(header) > maximumBytes) throw new S3Error('EntityTooLarge');
  return Number(header);
};

type DeclaredChecksum = { algorithm: ChecksumAlgorithm; value?: string };

const declaredChecksum = (headers: ReadonlyMap<string, string>): DeclaredChecksum | undefined => {
  const trailer = headers.get('x-amz-trailer')?.trim().toLowerCase();
  const names = [...headers.keys(), ...(trailer ? [trailer] : [])].filter(
    (name) => name.startsWith('x-amz-checksum-') && !/-(mode|type|algorithm)$/.test(name),
  );
  const [name] = names;
  if (name === undefined) return undefined;
  if (names.length > 1) {
    throw new S3Error('InvalidRequest', {
      message: 'Expected a single x-amz-checksum- header.',
    });
  }
  const algorithm = checksumAlgorithm.options.find((option) => checksumHeader(option) === name);
  if (!algorithm) throw new S3Error('NotImplemented', { details: { Header: name } });
  const value = headers.get(name);
  if (value !== undefined && !isChecksumOf(algorithm, value)) {
    throw new S3Error('InvalidRequest', { message: `Value for ${name} header is invalid.` });
  }
  return { algorithm, value };
};

const verifyChecksum = ({ algorithm }: DeclaredChecksum, expected: string | undefined, digest: Digest): void => {
  if (expected === undefined) throw new S3Error('MalformedTrailerError');
  if (expected !== digest.checksum?.value) {
    throw new S3Error('BadDigest', { message: `The ${algorithm} you specified did not match.` });
  }
};

/** Content-MD5 and, where the client signed the body's SHA-256, that as well. */
const headerDigests = (md5: string | undefined, sha256: string | undefined) => {
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) throw new S3Error('InvalidDigest');
  const hash = sha256 === undefined ? undefined : createHash('sha256');
  return {
    update: (chunk: Buffer): void => {
      hash?.update(chunk);
    },
    end(received: Buffer): void {
      if (md5 !== undefined && received.toString('base64') !== md5) {
        throw new S3Error('BadDigest', { message: 'The Content-MD5 you specified did not match what we received.' });
      }
      const computed = hash?.digest('hex');
      if (computed !== sha256) {
        throw new S3Error('XAmzContentSHA256Mismatch', {
          details: { ClientComputedContentSHA256: sha256 ?? '', S3ComputedContentSHA256: computed ?? '' },
        });
      }
    },
  };
};
