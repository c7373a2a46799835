import type { Job } from '../jobs/job.ts';
import { endMeasurements } from '../metrics/end-measurements.ts';
import type { Measurement } from '../metrics/measurement.ts';
import type { JobStore, Metrics } from '../ports.ts';
import { updateJob } from './update-job.ts';

/**
 * Notes in an ended job's record that its event is published and, where metrics are collected, that its end is counted.
 * The one whose write says so first counts it: so each end is counted once, and not at all where that one is killed
 * between the write and the line that it prints.
 */
export const noteEnd = async (job: Job, { jobs, metrics }: { jobs: JobStore; metrics?: Metrics }): Promise<Job> => {
  const isNoted = ({ eventPublished, isCounted }: Job): boolean =>
    eventPublished && (metrics === undefined || isCounted === true);
  if (isNoted(job)) return job;
  let counted: Measurement[] = [];
  const noted = await updateJob(jobs, job.id, (current) => {
    counted = [];
    // A person has had it begun anew in the meantime: the end of that run is still to come.
    if (current.run !== job.run || isNoted(current)) return current;
    counted = endMeasurements(current);
    return { ...current, eventPublished: true, ...(metrics ? { isCounted: true } : {}) };
  });
  for (const measurement of counted) metrics?.record(measurement);
  return noted;
};
