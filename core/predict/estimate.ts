/** A figure that holds for half the jobs, and its bound that holds for 99 of 100. */
export type Bounded = { median: number; upper: number };

/** One term of a stage: `decode jpeg`, `sharpen`, `encode avif`; CPU seconds of one core (median). */
export type Term = {
  name: string;
  /** Those options that differ from their defaults: `size 9`. Empty where none does. */
  detail: string;
  megapixels: number;
  cpuSeconds: number;
  /** Bytes that it holds for as long as its stage runs. */
  heldBytes: number;
};

/** What a stage is expected to cost: wall seconds with the plan's threads, and the terms that make it up. */
export type StageEstimate = { id: string; seconds: number; terms: Term[] };

/**
 * What a plan is expected to need on a worker: wall seconds, memory (MiB, the whole worker's) and disk (MiB of
 * scratch space: the staged upload, intermediates and encoded files).
 */
export type Estimate = {
  /** The stages' seconds and `fixedSeconds` together. */
  seconds: Bounded;
  /** The start of the renderer, and the transfer of the upload and of the encoded files. */
  fixedSeconds: Bounded;
  memoryMiB: Bounded;
  diskMiB: Bounded;
  stages: StageEstimate[];
};
