/** What every error of Kadam carries: a stable code for people and rules, and whether trying again may help. */
export type KadamErrorOptions = { code: string; cause?: unknown };

/**
 * Base of Kadam's errors. `name` is a literal in every subclass, because bundling minifies class names and the state
 * machine's rules and the container's exit codes depend on the name. The message says what was expected, what came
 * and what to do next.
 */
export abstract class KadamError extends Error {
  abstract override readonly name: string;
  abstract readonly retryable: boolean;
  readonly code: string;

  constructor(message: string, options: KadamErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
  }
}

/** The upload itself is at fault (not an image, truncated, an unknown recipe): rejected once, never retried. */
export class InvalidInputError extends KadamError {
  override readonly name = 'InvalidInputError';
  override readonly retryable = false;
}

/** A person asked for the job to be cancelled: it ends as rejected, and is not retried. */
export class CancelledError extends KadamError {
  override readonly name = 'CancelledError';
  override readonly retryable = false;

  constructor(jobId: string) {
    super(
      `Expected job ${jobId} to run but a person cancelled it. Upload the picture again, or have it reprocessed, where ` +
        'it is wanted after all.',
      { code: 'Cancelled' },
    );
  }
}

/** The worker ran out of time, memory or disk: not retried at the same size, but handed over to a larger one. */
export class CapacityError extends KadamError {
  override readonly name = 'CapacityError';
  override readonly retryable = false;
}

/** A service did not answer as it should (throttling, a broken connection): retried with backoff. */
export class DependencyError extends KadamError {
  override readonly name = 'DependencyError';
  override readonly retryable = true;
}

/**
 * The worker was asked to stop before it was done: its machine is going away, its time is up or its execution was
 * stopped. Whoever stopped it knows why; another attempt, elsewhere, may succeed.
 */
export class StoppedError extends KadamError {
  override readonly name = 'StoppedError';
  override readonly retryable = true;
  static readonly code = 'Interrupted';

  constructor() {
    super(
      'Expected to finish the job but the container was asked to stop (SIGTERM). It is tried again, unless a person or ' +
        'the time limit stopped it.',
      { code: StoppedError.code },
    );
  }
}

/** Another worker holds the job, or it has ended: the one that sees this stops and changes nothing. */
export class LostClaimError extends KadamError {
  override readonly name = 'LostClaimError';
  override readonly retryable = false;
}

/** A setting, a recipe file or the rules file is wrong: for whoever deploys, never for whoever uploads. */
export class ConfigurationError extends KadamError {
  override readonly name = 'ConfigurationError';
  override readonly retryable = false;
}

/** A fault in Kadam itself: something that its own code promised did not hold. */
export class InternalError extends KadamError {
  override readonly name = 'InternalError';
  override readonly retryable = false;
}
