import { describe, expect, it } from 'vitest';
import type { Estimate, Term } from '../../../core/predict/estimate.ts';
import { chooseTarget, type Pin, type TargetLimits } from '../../../core/route/choose-target.ts';

const limits: TargetLimits = {
  lambda: { timeoutSeconds: 10, memoryMiB: 1769, diskMiB: 512, vcpus: 1 },
  batch: { timeoutSeconds: 3600, memoryMiB: 8192, diskMiB: 20_480, vcpus: 4 },
  margin: 0.1,
};

const term = (name: string, detail: string, megapixels: number, cpuSeconds: number, heldMiB = 0): Term => ({
  name,
  detail,
  megapixels,
  cpuSeconds,
  heldBytes: heldMiB * 2 ** 20,
});

/** An estimate with these upper bounds, most of its time in a median and most of its memory in an encoder. */
const estimate = (seconds: number, memoryMiB: number, diskMiB: number): Estimate => ({
  seconds: { median: seconds / 3, upper: seconds },
  fixedSeconds: { median: 1, upper: 1 },
  memoryMiB: { median: memoryMiB / 2, upper: memoryMiB },
  diskMiB: { median: diskMiB / 2, upper: diskMiB },
  stages: [
    { id: 'a', seconds: 1, terms: [term('decode jpeg', '', 48, 1), term('median', 'size 9', 48, 5)] },
    { id: 'a.avif', seconds: 1, terms: [term('median', 'size 9', 2, 1), term('encode avif', '', 12, 1, 1234)] },
  ],
});

const choose = (onLambda: Estimate, onBatch = onLambda, within = limits) =>
  chooseTarget({ lambda: onLambda, batch: onBatch }, within);
const median = 'median (size 9) of 50.0 MP takes 75 % of the CPU time';

describe('chooseTarget', () => {
  it('takes Lambda where every bound fits, with the numbers to check it by', () => {
    const chosen = estimate(3.14, 412.4, 35);
    expect(choose(chosen)).toEqual({
      target: 'lambda',
      reasons: ['fits Lambda: at most 3.1 s of 9.0 s, 412 MiB of 1,592 MiB memory, 35 MiB of 461 MiB disk', median],
      estimate: chosen,
    });
  });

  it.each([
    [
      'seconds',
      estimate(12.4, 412, 35),
      ['seconds: at most 12.4 expected of 9.0 usable (10 less a margin of 10 %): does not fit Lambda', median],
    ],
    [
      'memory',
      estimate(3, 2000, 35),
      [
        'memory: at most 2,000 MiB expected of 1,592 MiB usable (1,769 less a margin of 10 %): does not fit Lambda',
        'encode avif of 12.0 MP holds 1,234 MiB in stage a.avif',
      ],
    ],
    [
      'disk',
      estimate(3, 412, 900),
      ['disk: at most 900 MiB expected of 461 MiB usable (512 less a margin of 10 %): does not fit Lambda'],
    ],
  ])('takes Batch where %s does not fit Lambda, and says why', (_, onLambda, because) => {
    const onBatch = estimate(1, 300, 20);
    expect(choose(onLambda, onBatch)).toEqual({
      target: 'batch',
      reasons: [
        ...because,
        'fits Batch: at most 1.0 s of 3,240.0 s, 300 MiB of 7,373 MiB memory, 20 MiB of 18,432 MiB disk',
      ],
      estimate: onBatch,
    });
  });

  it('names everything that does not fit', () => {
    const { reasons } = choose(estimate(100, 2000, 900));
    expect(reasons.map((reason) => reason.split(':')[0])).toEqual([
      'seconds',
      median,
      'memory',
      'encode avif of 12.0 MP holds 1,234 MiB in stage a.avif',
      'disk',
      'fits Batch',
    ]);
  });

  it('rejects what fits neither, and says what would help', () => {
    const tooMuch = estimate(5000, 9000, 35);
    const { target, reasons, estimate: attached } = choose(tooMuch);
    expect(target).toBe('reject');
    expect(attached).toBe(tooMuch);
    expect(reasons).toEqual([
      'seconds: at most 5,000.0 expected of 9.0 usable (10 less a margin of 10 %): does not fit Lambda',
      median,
      'memory: at most 9,000 MiB expected of 1,592 MiB usable (1,769 less a margin of 10 %): does not fit Lambda',
      'encode avif of 12.0 MP holds 1,234 MiB in stage a.avif',
      'seconds: at most 5,000.0 expected of 3,240.0 usable (3,600 less a margin of 10 %): does not fit Batch',
      'memory: at most 9,000 MiB expected of 7,373 MiB usable (8,192 less a margin of 10 %): does not fit Batch',
      'Upload a smaller picture, ask for a recipe with less work, or give the Batch job more seconds and memory.',
    ]);
  });

  it.each([
    [9, 1592.1, 460.8, 'lambda'],
    [9.01, 1, 1, 'batch'],
    [1, 1592.2, 1, 'batch'],
    [1, 1, 460.9, 'batch'],
    [3240, 7372.8, 18_432, 'batch'],
    [3240.1, 1, 1, 'reject'],
    [Number.NaN, 1, 1, 'reject'],
    [1, Number.NaN, 1, 'reject'],
    [1, 1, Number.POSITIVE_INFINITY, 'reject'],
  ])('%s s, %s MiB of memory and %s MiB of disk go to %s', (seconds, memory, disk, target) => {
    expect(choose(estimate(seconds, memory, disk)).target).toBe(target);
  });

  const pinTo = (target: Pin['target']): Pin => ({ target, because: 'pinned', wayOut: 'Pin it elsewhere.' });

  it.each(['lambda', 'batch'] as const)('takes %s where it is pinned and fits', (runOn) => {
    const [small, tooMuch] = [estimate(1, 1, 1), estimate(5000, 9000, 35)];
    const estimates = { lambda: runOn === 'lambda' ? small : tooMuch, batch: runOn === 'batch' ? small : tooMuch };
    const { target, reasons, estimate: attached } = chooseTarget(estimates, limits, pinTo(runOn));
    expect(target).toBe(runOn);
    expect(attached).toBe(small);
    expect(reasons[0]).toBe('pinned');
    expect(reasons[1]).toMatch(/^fits (Lambda|Batch): at most 1\.0 s/);
  });

  it('rejects what does not fit the target that it is pinned to, even where the other would do', () => {
    const estimates = { lambda: estimate(12.4, 412, 35), batch: estimate(1, 1, 1) };
    expect(chooseTarget(estimates, limits, pinTo('lambda'))).toEqual({
      target: 'reject',
      reasons: [
        'pinned',
        'seconds: at most 12.4 expected of 9.0 usable (10 less a margin of 10 %): does not fit Lambda',
        median,
        'Pin it elsewhere.',
      ],
      estimate: estimates.lambda,
    });
  });

  it('leaves nothing unused without a margin', () => {
    expect(choose(estimate(10, 1769, 512), undefined, { ...limits, margin: 0 }).target).toBe('lambda');
  });

  it('says nothing of terms where there are none', () => {
    const { reasons } = choose({ ...estimate(1, 1, 1), stages: [] });
    expect(reasons).toHaveLength(1);
  });
});
