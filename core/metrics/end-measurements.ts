import { hasEnded, type Job } from '../jobs/job.ts';
import type { Measurement } from './measurement.ts';

/** What is measured of a job that has ended: nothing of one that has not, or whose end is counted already. */
export const endMeasurements = (job: Job): Measurement[] => {
  if (!hasEnded(job.state) || job.isCounted) return [];
  // Not less than none: the dispatcher's clock and the worker's are two.
  const seconds = Math.max(0, (job.endedAt ?? job.createdAt) - job.createdAt) / 1000;
  return [
    { values: { Jobs: 1 }, dimensions: { state: job.state } },
    { values: { SecondsToEnd: seconds } },
    ...workMeasurements(job),
  ];
};

/** What its rendering took, against what was expected of it. */
const workMeasurements = ({ measured, decision: { target, estimate } }: Job): Measurement[] => {
  if (measured === undefined) return [];
  const { seconds, dollars } = measured;
  const prediction = estimate && {
    PredictionRatio: seconds / estimate.seconds.median,
    BoundExceeded: seconds > estimate.seconds.upper ? 1 : 0,
  };
  return [{ values: { MeasuredSeconds: seconds, JobDollars: dollars, ...prediction }, dimensions: { target } }];
};
