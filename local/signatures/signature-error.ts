import { KadamError } from '../../core/errors.ts';
import { credentials } from '../names.ts';

/** Why a request is not let in, in S3's words (S3 API reference, 'List of error codes'). */
export type SignatureFault =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryParametersError'
  | 'InvalidAccessKeyId'
  | 'InvalidRequest'
  | 'InvalidURI'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch';

/** A request is not signed, or not as it should be. Each protocol answers it in its own form. */
export class SignatureError extends KadamError {
  override readonly name = 'SignatureError';
  override readonly retryable = false;
  declare readonly code: SignatureFault;
  /** Further elements of S3's error document. */
  readonly details: Record<string, string | number>;

  constructor(code: SignatureFault, message: string, details: Record<string, string | number> = {}) {
    super(message, { code });
    this.details = details;
  }
}

/** What to do about it, for the errors of whoever has not been told the one key pair that there is. */
export const keyPairHint =
  `Sign with the embedded cloud's key pair: AWS_ACCESS_KEY_ID=${credentials.accessKeyId} ` +
  `AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}`;
