import type { RetryStrategy } from '../../aws/retry-strategy.ts';

/** What the rules look at of an attempt that failed; an attempt that was lost with its host has no exit code. */
export type FailedAttempt = { exitCode?: number; reason?: string; statusReason: string };

/**
 * Whether a job that failed for the `attemptsMade`-th time runs again. Rules are tried in order, all conditions of a
 * rule must hold, the first rule that holds decides, and where none does the job is retried, as on AWS. Something
 * absent counts as empty text, so that `*` matches it.
 */
export const shouldRetry = (strategy: RetryStrategy, attemptsMade: number, attempt: FailedAttempt): boolean => {
  if (attemptsMade >= strategy.attempts) return false;
  const rule = strategy.evaluateOnExit?.find(
    ({ onExitCode, onReason, onStatusReason }) =>
      matches(onExitCode, attempt.exitCode?.toString()) &&
      matches(onReason, attempt.reason) &&
      matches(onStatusReason, attempt.statusReason),
  );
  return rule?.action !== 'EXIT';
};

const matches = (glob: string | undefined, text = ''): boolean => {
  if (glob === undefined) return true;
  return glob.endsWith('*') ? text.startsWith(glob.slice(0, -1)) : text === glob;
};
