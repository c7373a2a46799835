import { describe, expect, it } from 'vitest';
import { limitNames, readSettings, routingLimits } from '../../../aws/settings.ts';

describe('readSettings', () => {
  it('reads text and numbers', () => {
    const environment = { KADAM_JOBS_TABLE: 'jobs', KADAM_MARGIN: '0.1', OTHER: 'x' };
    expect(readSettings(environment, ['KADAM_JOBS_TABLE', 'KADAM_MARGIN'])).toEqual({
      KADAM_JOBS_TABLE: 'jobs',
      KADAM_MARGIN: 0.1,
    });
  });

  it('reports every fault at once, and counts an empty variable as unset', () => {
    const environment = { KADAM_JOBS_TABLE: '', KADAM_MARGIN: 'ten', KADAM_BATCH_VCPUS: '-1' };
    const read = () => readSettings(environment, ['KADAM_JOBS_TABLE', 'KADAM_MARGIN', 'KADAM_BATCH_VCPUS']);
    expect(read).toThrow(/KADAM_JOBS_TABLE: expected the jobs table's name but received nothing/);
    expect(read).toThrow(/KADAM_MARGIN: expected the share .* but received ten/);
    expect(read).toThrow(/KADAM_BATCH_VCPUS: .* but received -1/);
  });
});

describe('routingLimits', () => {
  it('gives a function the vCPUs that its memory brings', () => {
    const numbers = Object.fromEntries(limitNames.map((name) => [name, '3538']));
    expect(routingLimits(readSettings(numbers, limitNames)).lambda.vcpus).toBe(2);
  });
});
