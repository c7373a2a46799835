import { KadamError } from '../../core/errors.ts';

/** No container engine answers, and there are images to build. */
export class EngineMissingError extends KadamError {
  override readonly name = 'EngineMissingError';
  override readonly retryable = false;
}

/** An engine failed: to build, to log in, to push. */
export class EngineFailedError extends KadamError {
  override readonly name = 'EngineFailedError';
  override readonly retryable = false;
}
