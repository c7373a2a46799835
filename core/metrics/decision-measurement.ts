import type { Job } from '../jobs/job.ts';
import type { Measurement } from './measurement.ts';

/** What is measured of a job that has just been routed. */
export const decisionMeasurement = ({ decision }: Job): Measurement => ({
  values: {
    Decisions: 1,
    ...(decision.estimate ? { PredictedSeconds: decision.estimate.seconds.median } : {}),
  },
  dimensions: { target: decision.target },
});
