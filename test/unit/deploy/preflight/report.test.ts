import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigurationError, DependencyError } from '../../../../core/errors.ts';
import { preflightReport, refuseWhereFound } from '../../../../deploy/preflight/report.ts';
import { runChecks } from '../../../../deploy/preflight/run-checks.ts';

describe('checks', () => {
  it('run side by side and are shown in their order', async () => {
    const gate = Promise.withResolvers<void>();
    const findings = await runChecks([
      { name: 'first', look: () => gate.promise.then(() => [{ status: 'ok', found: 'a' }]) },
      // Opens the gate for the first: one after the other they would never end.
      {
        name: 'second',
        look: async () => {
          gate.resolve();
          return [{ status: 'ok', found: 'b' }];
        },
      },
    ]);
    expect(findings.map(({ check }) => check)).toEqual(['first', 'second']);
  });

  it('that cannot look are noted, in one line', async () => {
    const cause = Object.assign(new Error('not authorized\nand more'), { name: 'AccessDenied' });
    const error = new DependencyError('Expected', { code: 'ServiceFailed', cause });
    expect(await runChecks([{ name: 'quota', look: () => Promise.reject(error) }])).toEqual([
      { check: 'quota', status: 'noted', found: 'not looked at: AccessDenied: not authorized' },
    ]);
  });

  it('that find a wrong setting refuse', async () => {
    const error = new ConfigurationError('Expected docker', { code: 'UnknownEngine' });
    expect(await runChecks([{ name: 'images', look: () => Promise.reject(error) }])).toMatchObject([
      { status: 'refused', found: 'Expected docker' },
    ]);
  });
});

describe('the report', () => {
  const ok = { check: 'region', status: 'ok', found: 'eu-west-1', wayOut: 'never shown' } as const;
  const refused = { check: 'stack', status: 'refused', found: 'in a mess', wayOut: 'sls remove' } as const;

  it('shows every finding, and ways out where they are needed', () => {
    const text = stripVTControlCharacters(preflightReport([ok, refused], 80));
    expect(text).toMatch(/region +ok +eu-west-1/);
    expect(text).toMatch(/stack +refused +in a mess\n +-> sls remove/);
    expect(text).not.toContain('never shown');
  });

  it('refuses with every reason', () => {
    expect(() => refuseWhereFound([ok])).not.toThrow();
    expect(() => refuseWhereFound([ok, refused, { ...refused, check: 'names' }])).toThrow(
      /stack: in a mess\n {2}names: in a mess\nNothing was changed/,
    );
  });
});
