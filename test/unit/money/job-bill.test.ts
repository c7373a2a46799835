import { describe, expect, it } from 'vitest';
import { billDollars, billItems, type JobWork, jobBill, type Rates, sumBills } from '../../../core/money/job-bill.ts';
import { batchDollars, defaultFleet, lambdaDollars } from '../../../core/money/job-dollars.ts';
import { startsPerJob } from '../../../core/money/machine-starts.ts';
import { monthlyDollars } from '../../../core/money/monthly-dollars.ts';
import { listedPrices } from '../../../core/money/prices.ts';

const rates: Rates = {
  functions: { processMiB: 10_240, processDiskMiB: 512, dispatchMiB: 512, settleMiB: 512 },
  fleet: defaultFleet,
  starts: { machine: 120, job: 10 },
  leaseSeconds: 45,
  prices: listedPrices,
};
const size = { vcpus: 8, memoryMiB: 4096 };
const onLambda: JobWork = { target: 'lambda', outputs: 1, recordBytes: 1000, seconds: 10 };
const onBatch: JobWork = { ...onLambda, target: 'batch', seconds: 600, batch: { size, market: 'spot', starts: 0.5 } };
const small = lambdaDollars(0.3, 512, 'arm64');

describe('jobBill', () => {
  it('pays the function, and the dispatcher, for a job on Lambda', () => {
    const bill = jobBill(onLambda, rates);
    expect(bill.functions).toBeCloseTo(lambdaDollars(10, 10_240, 'arm64') + small + 2 * 0.2e-6, 12);
    expect(bill).toMatchObject({ machines: 0, 'machine starts': 0, 'workflow (Step Functions)': 0 });
  });

  it('pays machines, their starts and the workflow for a job on Batch', () => {
    const bill = jobBill(onBatch, rates);
    expect(bill.machines).toBeCloseTo(batchDollars(610, size, 'spot'), 12);
    expect(bill['machine starts']).toBeCloseTo(batchDollars(120, size, 'spot') / 2, 12);
    expect(bill['workflow (Step Functions)']).toBeCloseTo(6 * 0.000025, 12);
    expect(bill.functions).toBeCloseTo(2 * small + 2 * 0.2e-6, 12);
  });

  it('adds up', () => {
    const [a, b] = [jobBill(onLambda, rates), jobBill(onBatch, rates)];
    const sum = sumBills([
      { bill: a, times: 3 },
      { bill: b, times: 2 },
    ]);
    for (const item of billItems) expect(sum[item]).toBeCloseTo(3 * a[item] + 2 * b[item], 12);
    expect(billDollars(sum)).toBeCloseTo(3 * billDollars(a) + 2 * billDollars(b), 12);
    expect(billDollars(sumBills([]))).toBe(0);
  });
});

describe('startsPerJob', () => {
  it.each([
    ['one machine for each of as many as may run', { count: 4, seconds: 60, arrival: 'at once' }, 8, 1],
    ['no more machines than that', { count: 80, seconds: 60, arrival: 'at once' }, 8, 0.1],
    [
      'one for each job that comes after the last has ended',
      { count: 80, seconds: 60, arrival: { secondsApart: 60 } },
      8,
      1,
    ],
    ['as many as run side by side', { count: 80, seconds: 60, arrival: { secondsApart: 20 } }, 8, 3 / 80],
    ['nothing for nothing', { count: 0, seconds: 60, arrival: 'at once' }, 8, 0],
  ] as const)('%s', (_what, jobs, mostAtOnce, starts) => {
    expect(startsPerJob(jobs, mostAtOnce)).toBeCloseTo(starts, 12);
  });
});

describe('monthlyDollars', () => {
  it('lists what stands, and nothing else', () => {
    const parts = { polledQueues: 2, endpointZones: 21, alarms: 0, dashboards: 1, kmsKeys: 0 };
    expect(monthlyDollars(parts, listedPrices)).toEqual([
      // 2 x 657,000 polls at 0.40 a million.
      { what: 'polls of idle queues', amount: 2, dollars: expect.closeTo(0.5256, 10) },
      { what: 'interface endpoints, by zone', amount: 21, dollars: expect.closeTo(153.3, 10) },
      { what: 'dashboards', amount: 1, dollars: 3 },
    ]);
  });
});
