import { ConfigurationError, KadamError } from '../../core/errors.ts';
import type { Check, Finding } from './finding.ts';

/** The first line of what an error says: the SDK's own go on about themselves. */
const reason = (error: unknown): string => fullReason(error).split('\n')[0] ?? '';

const fullReason = (error: unknown): string =>
  error instanceof KadamError && error.cause instanceof Error
    ? `${error.cause.name}: ${error.cause.message}`
    : error instanceof Error
      ? `${error.name}: ${error.message}`
      : String(error);

/**
 * Runs all checks side by side and gives their findings in the checks' order. A check that cannot look (a permission
 * that is missing, a service that fails) refuses nothing: it says so, and what it would have found shows at deployment.
 */
export const runChecks = async (checks: readonly Check[]): Promise<Finding[]> => {
  const findings = await Promise.all(
    checks.map(async ({ name, look }): Promise<Finding[]> => {
      try {
        return (await look()).map((finding) => ({ check: name, ...finding }));
      } catch (error) {
        if (error instanceof ConfigurationError) return [{ check: name, status: 'refused', found: error.message }];
        return [{ check: name, status: 'noted', found: `not looked at: ${reason(error)}` }];
      }
    }),
  );
  return findings.flat();
};
