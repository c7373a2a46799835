import type { Traits } from '../image/traits.ts';
import type { Cost } from './cost.ts';
import type { Bounded, Estimate, StageEstimate } from './estimate.ts';
import { estimateDisk, estimateMemory, outputBytes } from './estimate-space.ts';
import type { Plan } from './plan.ts';
import { type CostedTerm, stageTerms } from './stage-terms.ts';

/**
 * What the stages take at most, of what they are expected to: the split-conformal bound that held for 99 of 100 of 300
 * random jobs (98.6 % of those held out; per-stage terms, 0.25 to 60 megapixels, five formats, two vCPUs).
 */
export const upperSecondsFactor = 3.9;

/** Seconds from a worker's start to its renderer's first pixel: a Node process that loads sharp, on one slow vCPU. */
const startSeconds = 1;

/**
 * Bytes per second to and from S3: a third of a gigabit, below what a small function gets. Assumed until there are
 * measurements of real workers.
 */
const transferBytesPerSecond = 40e6;

const fixedSecondsOf = (plan: Plan, traits: Traits): Bounded => {
  const written = outputBytes(plan);
  return {
    median: startSeconds + (traits.fileBytes + written.median) / transferBytesPerSecond,
    upper: startSeconds + (traits.fileBytes + written.upper) / transferBytesPerSecond,
  };
};

/** Wall seconds of CPU work: a worker with less than one vCPU gets that share of one. */
const wallSeconds = (terms: readonly CostedTerm[], threads: number, vcpus: number): number => {
  const parallelism = (cost: Cost): number => Math.max(1, Math.min(cost.threads ?? threads, vcpus));
  const seconds = terms.reduce(
    (sum, { cost }) => sum + cost.serialSeconds + cost.parallelSeconds / parallelism(cost),
    0,
  );
  return seconds / Math.min(1, vcpus);
};

/**
 * What a plan is expected to need on a worker with so many vCPUs. Every figure is finite and not negative, and none
 * falls as a picture grows and its plan stays the same. Pure.
 */
export const estimatePlan = (plan: Plan, traits: Traits, { vcpus }: { vcpus: number }): Estimate => {
  const costed = plan.stages.map((stage) => ({ stage, terms: stageTerms(stage, traits) }));
  const stages: StageEstimate[] = costed.map(({ stage, terms }) => ({
    id: stage.id,
    seconds: wallSeconds(terms, plan.threads, vcpus),
    terms: terms.map(({ cost, ...term }) => ({
      ...term,
      cpuSeconds: cost.serialSeconds + cost.parallelSeconds,
      heldBytes: cost.heldBytes,
    })),
  }));
  const working = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const fixed = fixedSecondsOf(plan, traits);
  return {
    seconds: { median: fixed.median + working, upper: fixed.upper + upperSecondsFactor * working },
    fixedSeconds: fixed,
    memoryMiB: estimateMemory(costed.map(({ stage }, index) => ({ stage, terms: stages[index]?.terms ?? [] }))),
    diskMiB: estimateDisk(plan, traits),
    stages,
  };
};
