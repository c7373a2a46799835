import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchDollars, defaultFleet, lambdaDollars } from '../../../core/money/job-dollars.ts';
import { listedPrices } from '../../../core/money/prices.ts';

describe('lambdaDollars', () => {
  it.each([
    // 10 s x 10 GB x 0.0000133334, and 10 s x 9.5 GB of disk x 0.0000000309.
    ['arm64 with 10 GB of disk', [10, 10_240, 'arm64', 10_240], 0.00133334 + 0.0000029355],
    // 0.5 s x 2 GB x 0.0000166667.
    ['x86_64 with the disk that costs nothing', [0.5, 2048, 'x86_64', 512], 0.0000166667],
    ['a started millisecond', [0.0001, 1024, 'arm64', 512], 0.001 * 0.0000133334],
    ['no time', [0, 10_240, 'arm64', 10_240], 0],
  ] as const)('%s', (_what, [seconds, memory, architecture, disk], dollars) => {
    expect(lambdaDollars(seconds, memory, architecture, disk)).toBeCloseTo(dollars, 12);
  });
});

describe('batchDollars', () => {
  const hour = 3600;
  // 260 GiB x 0.08 / 730 h, and a public address.
  const beside = (260 * 0.08) / 730 + 0.005;

  it.each([
    ['a whole small machine, On-Demand', { vcpus: 8, memoryMiB: 4096 }, 'onDemand', 0.272 + beside],
    ['a whole small machine, Spot', { vcpus: 8, memoryMiB: 4096 }, 'spot', 0.0899 + beside],
    ['half of one', { vcpus: 4, memoryMiB: 4096 }, 'spot', (0.0899 + beside) / 2],
    ['a machine of 32 GiB for the memory', { vcpus: 8, memoryMiB: 30_720 }, 'onDemand', 0.308 + beside],
    [
      'a machine of 64 GiB for all the memory of one of 32',
      { vcpus: 8, memoryMiB: 32_768 },
      'onDemand',
      0.4032 + beside,
    ],
    ['half of one of 64 GiB for the memory', { vcpus: 1, memoryMiB: 30_720 }, 'onDemand', (0.4032 + beside) / 2],
    ['a machine of 64 GiB for the memory', { vcpus: 8, memoryMiB: 61_440 }, 'onDemand', 0.4032 + beside],
  ] as const)('%s', (_what, size, market, dollars) => {
    expect(batchDollars(hour, size, market)).toBeCloseTo(dollars, 10);
    expect(batchDollars(hour / 2, size, market)).toBeCloseTo(dollars / 2, 10);
  });

  it('leaves the address out where there is none', () => {
    const size = { vcpus: 8, memoryMiB: 4096 };
    const without = batchDollars(hour, size, 'spot', { ...defaultFleet, hasPublicAddress: false });
    expect(batchDollars(hour, size, 'spot') - without).toBeCloseTo(listedPrices.dollars.publicIpv4Hour, 12);
  });

  it('takes the cheapest of a family', () => {
    const size = { vcpus: 8, memoryMiB: 4096 };
    const fleet = { ...defaultFleet, instanceTypes: ['r6g', 'm7g'] };
    expect(batchDollars(hour, size, 'onDemand', fleet)).toBeCloseTo(0.3264 + beside, 10);
  });

  it('asks for the price of a type that has none', () => {
    const fleet = { ...defaultFleet, instanceTypes: ['c7g.2xlarge', 'x9.metal'] };
    expect(() => batchDollars(1, { vcpus: 8, memoryMiB: 4096 }, 'spot', fleet)).toThrow(/x9\.metal.*--prices/);
  });

  it('takes a larger machine, at a price in proportion, for a job that no listed one holds', () => {
    expect(batchDollars(hour, { vcpus: 16, memoryMiB: 4096 }, 'onDemand')).toBeCloseTo(2 * (0.272 + beside), 10);
  });

  it('asks for a larger machine where none of the named ones holds the job', () => {
    const fleet = { ...defaultFleet, instanceTypes: ['c7g.2xlarge', 'm7g'] };
    const price = () => batchDollars(1, { vcpus: 8, memoryMiB: 32_768 }, 'spot', fleet);
    expect(price).toThrow(/c7g\.2xlarge, m7g.*8 vCPUs and 32768 MiB.*--prices/);
    expect(price).toThrow(expect.objectContaining({ code: 'NoMachine' }));
  });

  it('never falls as a job grows, as long as a machine holds it', () => {
    const size = fc.record({
      vcpus: fc.integer({ min: 1, max: 4 }),
      memoryMiB: fc.integer({ min: 512, max: 30_720 }),
    });
    fc.assert(
      fc.property(
        size,
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 30_720 }),
        (small, vcpus, memoryMiB) => {
          const large = { vcpus: small.vcpus + vcpus, memoryMiB: small.memoryMiB + memoryMiB };
          expect(batchDollars(60, large, 'spot')).toBeGreaterThanOrEqual(batchDollars(60, small, 'spot'));
        },
      ),
    );
  });
});
