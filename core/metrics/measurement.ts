import type { TerminalState } from '../jobs/job.ts';
import type { Target } from '../route/decision.ts';

/** Every metric of Kadam, with its unit as CloudWatch names it. */
export const metricUnits = [
  // Uploads that the dispatcher saw for the first time.
  ['Uploads', 'Count'],
  // Jobs that were routed, by target: one for each recipe of an upload.
  ['Decisions', 'Count'],
  // The median of a job's estimate, by target.
  ['PredictedSeconds', 'Seconds'],
  // Messages of the uploads queue that failed and come again.
  ['DispatchErrors', 'Count'],
  // Jobs that a function handed over to Batch, by reason.
  ['HandedOver', 'Count'],
  // Jobs that ended, by state.
  ['Jobs', 'Count'],
  // From a job's creation to its end.
  ['SecondsToEnd', 'Seconds'],
  // What a job that was rendered took, by target; so are the three below.
  ['MeasuredSeconds', 'Seconds'],
  // Measured seconds for each that the median of the estimate had expected.
  ['PredictionRatio', 'None'],
  // 1 where a job took longer than the upper bound of its estimate, else 0: the average is the share that did.
  ['BoundExceeded', 'Count'],
  // The list price of a job's measured seconds.
  ['JobDollars', 'None'],
] as const;

export type MetricName = (typeof metricUnits)[number][0];

/** Why a function handed a job over to Batch. */
export type HandOverReason = 'deadline' | 'memory' | 'disk' | 'exact-traits' | 'killed' | 'failures';

/**
 * What metrics are told apart by. Each value makes a metric of its own, which costs by the month: so no keys, no ids, no
 * names that users choose.
 */
export type MetricDimensions = { target?: Target; state?: TerminalState; reason?: HandOverReason };

/** Metrics that were measured together, under the same dimensions. */
export type Measurement = { values: Partial<Record<MetricName, number>>; dimensions?: MetricDimensions };
