import type { IncomingMessage } from 'node:http';
import { splitUrl } from '../../signatures/canonical-request.ts';
import { readSignature } from '../../signatures/read-signature.ts';
import { type ChunkVerifier, verifyChunks } from '../../signatures/verify-chunks.ts';
import { isPresignedV2, verifyPresignedV2 } from '../../signatures/verify-presigned-v2.ts';
import { sha256, verifySignature } from '../../signatures/verify-signature.ts';
import { S3Error } from '../s3-error.ts';

/** What a request's signature says of its body. */
export type SignedBody = {
  /** Hexadecimal, where the client has signed the body as a whole. */
  sha256?: string;
  /** Whether the body is framed as `aws-chunked`. */
  isChunked?: boolean;
  /** Where each chunk is signed. */
  chunks?: ChunkVerifier;
  /** Whether the trailers are signed. */
  hasSignedTrailers?: boolean;
};

/**
 * Verifies who sends a request and that it came as it was sent; the body, when it is read.
 * @throws SignatureError
 * @throws S3Error InvalidRequest, InvalidArgument, XAmzContentSHA256Mismatch
 */
export const authenticate = (message: IncomingMessage): SignedBody => {
  if (isPresignedV2(message)) {
    verifyPresignedV2(message);
    return {};
  }
  const signature = readSignature(message);
  const isPresigned = signature.expires !== undefined;
  const declared =
    message.headersDistinct['x-amz-content-sha256']?.[0] ??
    new URLSearchParams(splitUrl(message.url).query).get('X-Amz-Content-Sha256') ??
    (isPresigned ? 'UNSIGNED-PAYLOAD' : undefined);
  if (declared === undefined) {
    throw new S3Error('InvalidRequest', {
      message:
        'Missing required header for this request: x-amz-content-sha256. ' +
        "Older versions of curl need --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD'.",
    });
  }
  const context = verifySignature(message, signature, { payloadHash: declared });
  switch (declared) {
    case 'UNSIGNED-PAYLOAD':
      return {};
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { isChunked: true };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
      return { isChunked: true, chunks: verifyChunks(context) };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { isChunked: true, chunks: verifyChunks(context), hasSignedTrailers: true };
  }
  if (!/^[0-9a-f]{64}$/.test(declared)) {
    throw new S3Error('InvalidArgument', {
      message:
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value for HMAC or no signature, or a valid sha256 value.',
      details: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: declared },
    });
  }
  // Nobody reads a body that is not there, so what it was signed as is held against it here.
  const hasBody =
    message.headers['transfer-encoding'] !== undefined || Number(message.headers['content-length'] ?? 0) > 0;
  if (!hasBody && declared !== sha256('')) throw new S3Error('XAmzContentSHA256Mismatch');
  return { sha256: declared };
};
