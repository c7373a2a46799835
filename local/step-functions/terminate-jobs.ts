import { TerminateJobCommand } from '@aws-sdk/client-batch';
import type { Execution } from './execution.ts';
import type { ServiceClients } from './service-clients.ts';

export type TerminateJobsOptions = {
  execution: Execution;
  clients: ServiceClients;
  save(): void;
  log(line: string): void;
};

/**
 * Ends the given open jobs of an execution that has ended, so that none is an orphan. One that Batch could not be told
 * of stays in the record, and is ended at the next start.
 */
export const terminateJobs = async (
  jobs: Iterable<Execution['openJobs'][number]>,
  { execution, clients, save, log }: TerminateJobsOptions,
): Promise<void> => {
  const reason = 'The execution that submitted this job has ended';
  for (const { jobId } of jobs) {
    try {
      await clients.patientBatch.send(new TerminateJobCommand({ jobId, reason }));
    } catch (error) {
      log(`${execution.name}: job ${jobId} could not be terminated: ${error}`);
      // One that Batch does not know any more has no end to wait for.
      if (!(error instanceof Error) || error.name !== 'ClientException') continue;
    }
    execution.openJobs = execution.openJobs.filter((job) => job.jobId !== jobId);
    save();
  }
};
