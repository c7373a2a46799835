import { createHash } from 'node:crypto';
import { SignatureError } from './signature-error.ts';
import { hmac, type SigningContext, sha256 } from './verify-signature.ts';

/** Follows a body of signed chunks, each of whose signatures is made over the one before. */
export type ChunkVerifier = {
  update(data: Buffer): void;
  /** A chunk has ended, the last, empty one too. @throws SignatureError SignatureDoesNotMatch */
  endChunk(signature: string | undefined): void;
  /** The trailers have ended. @throws SignatureError SignatureDoesNotMatch */
  endTrailers(trailers: ReadonlyMap<string, string>): void;
};

/** Verifies the chunks of a request that was verified itself (S3 API reference, 'Chunked upload', 'Trailing headers'). */
export const verifyChunks = ({ key, time, scope, signature: seed }: SigningContext): ChunkVerifier => {
  let previous = seed;
  let hash = createHash('sha256');
  const verify = (algorithm: string, digests: readonly string[], provided = ''): void => {
    const stringToSign = [algorithm, time, scope, previous, ...digests].join('\n');
    const expected = hmac(key, stringToSign).toString('hex');
    if (provided !== expected) {
      throw new SignatureError(
        'SignatureDoesNotMatch',
        'The chunk signature we calculated does not match the signature you provided. Check your key and signing method.',
        { StringToSign: stringToSign, SignatureProvided: provided },
      );
    }
    previous = expected;
  };
  return {
    update(data) {
      hash.update(data);
    },
    endChunk(signature) {
      const digest = hash.digest('hex');
      hash = createHash('sha256');
      verify('AWS4-HMAC-SHA256-PAYLOAD', [sha256(''), digest], signature);
    },
    endTrailers(trailers) {
      const lines = [...trailers]
        .filter(([name]) => name !== trailerSignature)
        .map(([name, value]) => `${name}:${value}\n`);
      verify('AWS4-HMAC-SHA256-TRAILER', [sha256(lines.sort().join(''))], trailers.get(trailerSignature));
    },
  };
};

const trailerSignature = 'x-amz-trailer-signature';
