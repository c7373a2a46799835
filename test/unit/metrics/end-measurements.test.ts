import { describe, expect, it } from 'vitest';
import { endMeasurements } from '../../../core/metrics/end-measurements.ts';
import type { Estimate } from '../../../core/predict/estimate.ts';
import { aJob } from '../../support/jobs.ts';

const bounded = { median: 2, upper: 4 };
const estimate: Estimate = {
  seconds: bounded,
  fixedSeconds: bounded,
  memoryMiB: bounded,
  diskMiB: bounded,
  stages: [],
};
const done = aJob({
  state: 'done',
  createdAt: 1000,
  endedAt: 8500,
  decision: { target: 'batch', reasons: [], estimate },
  measured: { seconds: 3, dollars: 0.5 },
});

describe('endMeasurements', () => {
  it('are the end, the time to it, and what was measured against what was expected', () => {
    expect(endMeasurements(done)).toEqual([
      { values: { Jobs: 1 }, dimensions: { state: 'done' } },
      { values: { SecondsToEnd: 7.5 } },
      {
        values: { MeasuredSeconds: 3, JobDollars: 0.5, PredictionRatio: 1.5, BoundExceeded: 0 },
        dimensions: { target: 'batch' },
      },
    ]);
  });

  it('tell when the upper bound did not hold', () => {
    const [, , work] = endMeasurements({ ...done, measured: { seconds: 4.1, dollars: 1 } });
    expect(work?.values).toMatchObject({ BoundExceeded: 1 });
  });

  it.each(['rejected', 'failed', 'superseded', 'gone'] as const)('have no work of a job that ended as %s', (state) => {
    expect(endMeasurements(aJob({ state, endedAt: 1000 }))).toEqual([
      { values: { Jobs: 1 }, dimensions: { state } },
      { values: { SecondsToEnd: 1 } },
    ]);
  });

  it('are none of a job that is still open, or has been counted', () => {
    expect(endMeasurements(aJob({ state: 'running' }))).toEqual([]);
    expect(endMeasurements({ ...done, isCounted: true })).toEqual([]);
  });

  it('are never negative where two clocks differ', () => {
    expect(endMeasurements({ ...done, endedAt: 900 })[1]).toEqual({ values: { SecondsToEnd: 0 } });
  });
});
