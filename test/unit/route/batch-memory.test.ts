import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../../core/predict/estimate.ts';
import { batchMemory, raisedMemoryMiB } from '../../../core/route/batch-memory.ts';
import { fileTraits } from '../formats/encoded.ts';

const container = { memoryMiB: 8192 };

const estimated = (upper: number): Estimate => {
  const bounded = { median: 1, upper };
  return { seconds: bounded, fixedSeconds: bounded, memoryMiB: bounded, diskMiB: bounded, stages: [] };
};
const uncounted = { ...fileTraits, frames: { count: 1, known: 'atLeast' } } as const;

describe('batchMemory', () => {
  it.each([
    ['what is expected at most', { estimate: estimated(1234.5), traits: fileTraits }, 1235, 2470],
    [
      'four times that where nobody has counted the frames',
      { estimate: estimated(1000), traits: uncounted },
      4000,
      8000,
    ],
    ['no less than Node and sharp need', { estimate: estimated(10) }, 512, 1024],
    ['more than what was not enough', { estimate: estimated(1000), minimumMemoryMiB: 7076 }, 7076, 8192],
    [
      'less than what was not enough, where that is all',
      { estimate: estimated(1), minimumMemoryMiB: 9000 },
      8192,
      8192,
    ],
    ['all there is, where nothing is known', {}, 8192, 8192],
    ['no more than a container may have', { estimate: estimated(9000) }, 8192, 8192],
  ])('is %s', (_what, needs, memoryMiB, raised) => {
    expect(batchMemory(needs, container)).toEqual({ memoryMiB, raisedMemoryMiB: raised });
  });

  it('is whole, and in what the container may have; it is raised as after a function that had too little', () => {
    const needs = fc.record({
      estimate: fc.double({ min: 0, max: 100_000, noNaN: true }).map(estimated),
      traits: fc.constantFrom(fileTraits, uncounted, undefined),
      minimumMemoryMiB: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(needs, fc.integer({ min: 128, max: 61_440 }), (needed, most) => {
        const memory = batchMemory(needed, { memoryMiB: most });
        expect(memory.memoryMiB).toSatisfy(Number.isInteger);
        expect(memory.memoryMiB).toBeLessThanOrEqual(most);
        expect(memory.raisedMemoryMiB).toBe(Math.min(most, raisedMemoryMiB(memory.memoryMiB)));
      }),
    );
  });
});
