import * as z from 'zod';

const globOf = (characters: string, allowed: RegExp) =>
  z.string().max(512).regex(allowed, `Expected ${characters} and at most one * at the end`);

const reasonGlob = globOf('letters, digits, full stops, colons, white space', /^[A-Za-z0-9.:\s]*\*?$/);

/**
 * When a failed attempt of a job is tried again: the same fields, limits and characters as AWS Batch allows.
 * Source: API_RetryStrategy and API_EvaluateOnExit of the AWS Batch reference.
 */
export const retryStrategySchema = z.strictObject({
  attempts: z.int().min(1).max(10),
  evaluateOnExit: z
    .array(
      z.strictObject({
        action: z
          .string()
          .toUpperCase()
          .pipe(z.enum(['RETRY', 'EXIT'])),
        onExitCode: globOf('digits', /^[0-9]*\*?$/).optional(),
        onReason: reasonGlob.optional(),
        onStatusReason: reasonGlob.optional(),
      }),
    )
    .max(5)
    .optional(),
});

export type RetryStrategy = z.infer<typeof retryStrategySchema>;

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
