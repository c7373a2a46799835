import type { Traits } from '../image/traits.ts';
import type { Estimate } from '../predict/estimate.ts';
import type { WorkerLimits } from './limits.ts';

/** What a job is known to need, as far as it is: nothing of a job that was never estimated. */
export type MemoryNeeds = {
  estimate?: Estimate | undefined;
  traits?: Traits | undefined;
  /** MiB, after a worker that had too little. */
  minimumMemoryMiB?: number | undefined;
};

/** MiB that a job asks Batch for, and once again where its container was killed for its memory. */
export type BatchMemory = { memoryMiB: number; raisedMemoryMiB: number };

/** Node and sharp alone, with room for a small picture. */
const leastMemoryMiB = 512;

/** A decoder that unpacks all frames needs the more memory the more there are: 2.8 times as much for 300 small ones. */
const unknownFramesMemoryFactor = 4;

/** MiB for whoever comes after a worker that had too little memory. */
export const raisedMemoryMiB = (memoryMiB: number): number => 2 * memoryMiB;

/**
 * What a job asks Batch for in a container with these limits: the upper bound of its estimate, several times that where
 * nobody has counted its frames, all that the container may have where there is no estimate, and never more than that.
 * Pure.
 */
export const batchMemory = (
  { estimate, traits, minimumMemoryMiB = 0 }: MemoryNeeds,
  { memoryMiB: mostMiB }: Pick<WorkerLimits, 'memoryMiB'>,
): BatchMemory => {
  const factor = traits?.frames.known === 'atLeast' ? unknownFramesMemoryFactor : 1;
  const expectedMiB = (estimate?.memoryMiB.upper ?? mostMiB) * factor;
  const neededMiB = Math.ceil(Math.max(expectedMiB, minimumMemoryMiB, leastMemoryMiB));
  const memoryMiB = Math.min(mostMiB, neededMiB);
  return { memoryMiB, raisedMemoryMiB: Math.min(mostMiB, raisedMemoryMiB(memoryMiB)) };
};
