import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emfMetrics } from '../../../aws/emf-metrics.ts';
import { metricUnits } from '../../../core/metrics/measurement.ts';
import { printedLines } from '../../support/printed-lines.ts';

beforeEach(() => void vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'kadam-test'));
afterEach(() => void vi.unstubAllEnvs());

/** The directive of a line: what CloudWatch makes metrics of. */
const directiveOf = (line: unknown) =>
  (line as { _aws: { CloudWatchMetrics: Record<string, unknown>[] } })._aws.CloudWatchMetrics;

describe('emfMetrics', () => {
  it('prints one line a measurement: namespace, dimensions, units and values as CloudWatch reads them', async () => {
    const [line, ...others] = await printedLines(() =>
      emfMetrics(() => ({})).record({
        values: { MeasuredSeconds: 2.5, PredictionRatio: 1.25, BoundExceeded: 0, JobDollars: 0.0003 },
        dimensions: { target: 'lambda' },
      }),
    );
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      _aws: { Timestamp: expect.any(Number) },
      service: 'kadam-test',
      target: 'lambda',
      MeasuredSeconds: 2.5,
      PredictionRatio: 1.25,
      BoundExceeded: 0,
      JobDollars: 0.0003,
    });
    expect(directiveOf(line)).toEqual([
      {
        Namespace: 'Kadam',
        Dimensions: [['service', 'target']],
        Metrics: [
          { Name: 'MeasuredSeconds', Unit: 'Seconds' },
          { Name: 'PredictionRatio', Unit: 'None' },
          { Name: 'BoundExceeded', Unit: 'Count' },
          { Name: 'JobDollars', Unit: 'None' },
        ],
      },
    ]);
  });

  it('has the service alone as a dimension where there is no other, also after a measurement that had one', async () => {
    const metrics = emfMetrics(() => ({}));
    const lines = await printedLines(() => {
      metrics.record({ values: { Jobs: 1 }, dimensions: { state: 'done' } });
      metrics.record({ values: { SecondsToEnd: 3 } });
    });
    expect(lines.map((line) => directiveOf(line)[0]?.Dimensions)).toEqual([[['service', 'state']], [['service']]]);
    expect(lines[1]).not.toHaveProperty('state');
    expect(lines[1]).not.toHaveProperty('Jobs');
  });

  it('names the job beside the numbers, and never as a dimension', async () => {
    const known = { job: 'abc', key: 'a b.jpg', recipe: 'web', target: 'batch', execution: 2 };
    const [line] = await printedLines(() =>
      emfMetrics(() => known).record({ values: { MeasuredSeconds: 1 }, dimensions: { target: 'lambda' } }),
    );
    expect(line).toMatchObject({ job: 'abc', key: 'a b.jpg', recipe: 'web', execution: '2', target: 'lambda' });
    expect(directiveOf(line)[0]?.Dimensions).toEqual([['service', 'target']]);
  });

  it.each(metricUnits)('knows the unit of %s', async (name, unit) => {
    const [line] = await printedLines(() => emfMetrics(() => ({})).record({ values: { [name]: 1 } }));
    expect(directiveOf(line)[0]?.Metrics).toEqual([{ Name: name, Unit: unit }]);
  });
});
