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
