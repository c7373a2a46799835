import type { Estimate } from '../predict/estimate.ts';
import type { Decision, PinnedTarget } from './decision.ts';
import { mostHeld, mostWorked } from './dominating-term.ts';
import type { WorkerLimits } from './limits.ts';

/** One plan's estimates, for the vCPUs of each target. */
export type TargetEstimates = { lambda: Estimate; batch: Estimate };

/** What the two targets have for one plan, on Batch the container that it needs; and the share that stays unused. */
export type TargetLimits = { lambda: WorkerLimits; batch: WorkerLimits; margin: number };

/** The one target that a plan may have, why, and what helps where that is too small. */
export type Pin = { target: PinnedTarget; because: string; wayOut: string };

/** One kind of resource: what is needed of it at most, what may be used, and what needs most of it. */
type Demand = { what: string; unit: '' | 'MiB'; needed: number; limit: number; usable: number; because: string[] };

/** `9.0` seconds, `1,592 MiB`. */
const amount = (value: number, unit: Demand['unit']): string => {
  const digits = unit === 'MiB' ? 0 : 1;
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === 'MiB' ? `${text} MiB` : text;
};

const demands = (estimate: Estimate, limits: WorkerLimits, margin: number): Demand[] => {
  const { seconds, memoryMiB, diskMiB } = estimate;
  const share = 1 - margin;
  return [
    {
      what: 'seconds',
      unit: '',
      needed: seconds.upper,
      limit: limits.timeoutSeconds,
      usable: limits.timeoutSeconds * share,
      because: mostWorked(estimate),
    },
    {
      what: 'memory',
      unit: 'MiB',
      needed: memoryMiB.upper,
      limit: limits.memoryMiB,
      usable: limits.memoryMiB * share,
      because: mostHeld(estimate),
    },
    {
      what: 'disk',
      unit: 'MiB',
      needed: diskMiB.upper,
      limit: limits.diskMiB,
      usable: limits.diskMiB * share,
      because: [],
    },
  ];
};

// Asked this way round, a figure that is no number does not fit either.
const fits = ({ needed, usable }: Demand): boolean => needed <= usable;

const plain = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

const misfit = ({ what, unit, needed, limit, usable }: Demand, margin: number, target: string): string =>
  `${what}: at most ${amount(needed, unit)} expected of ${amount(usable, unit)} usable ` +
  `(${plain(limit)} less a margin of ${plain(margin * 100)} %): does not fit ${target}`;

const misfits = (all: readonly Demand[], margin: number, target: string): string[] =>
  all.filter((demand) => !fits(demand)).flatMap((demand) => [misfit(demand, margin, target), ...demand.because]);

const summary = (all: readonly Demand[], target: string): string => {
  const parts = all.map(({ what, unit, needed, usable }) =>
    what === 'seconds'
      ? `${amount(needed, unit)} s of ${amount(usable, unit)} s`
      : `${amount(needed, unit)} of ${amount(usable, unit)} ${what}`,
  );
  return `fits ${target}: at most ${parts.join(', ')}`;
};

const targetNames = { lambda: 'Lambda', batch: 'Batch' } as const;

/** The only target that there is, or a rejection where the upload does not fit it. */
const pinned = ({ target, because, wayOut }: Pin, estimate: Estimate, limits: TargetLimits): Decision => {
  const name = targetNames[target];
  const needed = demands(estimate, limits[target], limits.margin);
  if (needed.every(fits)) {
    return { target, reasons: [because, summary(needed, name), ...mostWorked(estimate)], estimate };
  }
  return { target: 'reject', reasons: [because, ...misfits(needed, limits.margin, name), wayOut], estimate };
};

/**
 * Lambda where the upper bounds of time, memory and disk fit what the function has, less the margin; Batch where they
 * fit that; otherwise a rejection that says what would help. A plan with a pin gets that target or a rejection. The
 * estimate of the chosen target is attached (of Batch, or of the pinned one, for a rejection). Pure.
 */
export const chooseTarget = (estimates: TargetEstimates, limits: TargetLimits, pin?: Pin): Decision => {
  if (pin !== undefined) return pinned(pin, estimates[pin.target], limits);
  const { margin } = limits;
  const onLambda = demands(estimates.lambda, limits.lambda, margin);
  if (onLambda.every(fits)) {
    const reasons = [summary(onLambda, 'Lambda'), ...mostWorked(estimates.lambda)];
    return { target: 'lambda', reasons, estimate: estimates.lambda };
  }
  const reasons = misfits(onLambda, margin, 'Lambda');
  const onBatch = demands(estimates.batch, limits.batch, margin);
  if (onBatch.every(fits)) {
    return { target: 'batch', reasons: [...reasons, summary(onBatch, 'Batch')], estimate: estimates.batch };
  }
  const lacking = onBatch.filter((demand) => !fits(demand)).map(({ what }) => what);
  return {
    target: 'reject',
    reasons: [
      ...new Set([...reasons, ...misfits(onBatch, margin, 'Batch')]),
      `Upload a smaller picture, ask for a recipe with less work, or give the Batch job more ${lacking.join(' and ')}.`,
    ],
    estimate: estimates.batch,
  };
};
