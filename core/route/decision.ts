import type { Estimate } from '../predict/estimate.ts';

/** Where a job runs; `reject` where no target could run it, or where the upload is at fault. */
export type Target = 'lambda' | 'batch' | 'reject';

/** Where a recipe can insist that its jobs run (`runOn`). */
export type PinnedTarget = Exclude<Target, 'reject'>;

/**
 * Why a target was chosen, in words and numbers that a person can check, and the estimate it rests on. `container` is
 * the one that runs the job on Batch: absent of other targets, and of a job that a function handed over, for which it
 * is the container `filter`.
 */
export type Decision = { target: Target; reasons: string[]; estimate?: Estimate; container?: string };
