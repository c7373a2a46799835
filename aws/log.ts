import { Logger } from '@aws-lambda-powertools/logger';
import { LostClaimError } from '../core/errors.ts';
import type { LogFields } from '../core/ports.ts';
import { scopedLog } from '../core/scoped-log.ts';

/**
 * Powertools' logger: lines of JSON on the standard streams, where CloudWatch and Batch collect them. Its service and its
 * level are POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL, which it reads itself (aws/settings.ts asks for them).
 */
export const logger = new Logger();

/** Errors that the log has told of. */
const reported = new WeakSet<Error>();

/** The log of functions and containers. */
export const log = scopedLog((level, message, fields) => {
  logger[level](message, fields);
  if (fields.error instanceof Error) reported.add(fields.error);
});

/**
 * Runs a unit of work in a scope of the log. Where it fails the log says so, with everything that was known by then,
 * unless it has told of that error already, as of units inside of each other the inner one does; the error is thrown on.
 * That another worker holds a job is nothing to worry about.
 */
export const reporting = <Result>(what: string, fields: LogFields, work: () => Promise<Result>): Promise<Result> =>
  log.within(fields, async () => {
    try {
      return await work();
    } catch (error) {
      const isKnown = error instanceof Error && reported.has(error);
      if (!isKnown) log.write(error instanceof LostClaimError ? 'warn' : 'error', `${what} failed`, { error });
      throw error;
    }
  });
