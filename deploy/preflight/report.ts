import { type Row, table } from '../../cli/table.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { Finding } from './finding.ts';

const marks: Record<Finding['status'], string> = { ok: 'ok', noted: 'note', adjusted: 'adjusted', refused: 'refused' };

const row = ({ check, status, found, wayOut }: Finding): Row => ({
  cells: [check, marks[status], found],
  ...(wayOut === undefined || status === 'ok' ? {} : { below: `  -> ${wayOut}` }),
});

/** The findings as a table, with the way out below each that has one. */
export const preflightReport = (findings: readonly Finding[], width?: number): string =>
  table(['check', 'result', 'found'], findings.map(row), width);

/** Throws ConfigurationError `PreflightRefused` where a finding refuses, naming each of them. */
export const refuseWhereFound = (findings: readonly Finding[]): void => {
  const refused = findings.filter(({ status }) => status === 'refused');
  if (refused.length === 0) return;
  const reasons = refused.map(({ check, found }) => `  ${check}: ${found}`).join('\n');
  throw new ConfigurationError(
    `Expected an account and a region that can take this deployment but received:\n${reasons}\nNothing was changed. The table above has a way out for each.`,
    { code: 'PreflightRefused' },
  );
};
