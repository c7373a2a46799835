import { readFileSync } from 'node:fs';
import { DescribeJobsCommand, type JobDetail, ListJobsCommand } from '@aws-sdk/client-batch';
import { readJobFile } from '../../../aws/job-file.ts';
import type { JobDefinition } from '../../../local/batch/submit-job.ts';
import { substituted } from '../../../local/cloud-environment.ts';
import { functionArn, jobQueueArn } from '../../../local/names.ts';
import type { StatusChange } from '../../../local/step-functions/status-change.ts';
import { type FakeService, startStepFunctions } from '../local/step-functions/start-step-functions.ts';

/** What the state machine asks of the function `settle`. */
export type SettleRequest = { job: string; execution: number; failure?: { Error: string; Cause: string } };

/** Polls wait longer than a busy machine takes to start a process. */
export const patience = { timeout: 20_000 };

type Settle = (request: SettleRequest) => ReturnType<FakeService>;

/** A settle that finds every job as it is told: failed, or done. */
const settled: Settle = ({ failure }) => ({
  body: failure ? { status: 'failed', error: { code: failure.Error, message: failure.Cause } } : { status: 'done' },
});

const definition = (): Record<string, unknown> =>
  substituted(readFileSync(new URL('../../../statemachines/filter-image.asl.json', import.meta.url), 'utf8'), {
    SpotQueue: jobQueueArn('spot'),
    OnDemandQueue: jobQueueArn('on-demand'),
    SettleFunction: functionArn('settle'),
  }) as Record<string, unknown>;

/**
 * statemachines/filter-image as it is, on a Batch of two queues whose jobs are processes, with a settle that only notes
 * what it was asked. `change` alters the definition before it is loaded.
 */
export const startWorkflow = async (
  jobDefinitions: JobDefinition[],
  change = (same: Record<string, unknown>) => same,
) => {
  const { retryStrategy } = await readJobFile('filter');
  const requests: SettleRequest[] = [];
  const endings: StatusChange[] = [];
  const answers: { settle: Settle } = { settle: settled };
  const cloud = await startStepFunctions({
    definitions: { filter: change(definition()) },
    jobDefinitions: jobDefinitions.map((job) => ({ ...job, retryStrategy, schedulingPriority: 0 })),
    queues: ['spot', 'on-demand'],
    onEnd: async (event) => {
      endings.push(event);
    },
    fake: (_path, body) => {
      const request = body as SettleRequest;
      requests.push(request);
      return answers.settle(request);
    },
  });
  let count = 0;
  const inputOf = (jobDefinition: string, more: object) => ({
    ...{ job: 'id', key: 'a.jpg', recipe: 'web', execution: 1, why: [], container: 'filter', share: 'web' },
    ...{ jobDefinition, memoryMiB: '256', raisedMemoryMiB: '512', ...more },
  });
  const jobsOf = async (name: string): Promise<JobDetail[]> => {
    const { client } = cloud.batch;
    const summaries = await Promise.all(
      ['spot', 'on-demand'].map((jobQueue) =>
        client.send(new ListJobsCommand({ jobQueue, filters: [{ name: 'JOB_NAME', values: [name] }] })),
      ),
    );
    const jobs = summaries.flatMap(({ jobSummaryList = [] }) => jobSummaryList.map(({ jobId = '' }) => jobId));
    const described = jobs.length === 0 ? { jobs: [] } : await client.send(new DescribeJobsCommand({ jobs }));
    return (described.jobs ?? []).sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
  };

  return {
    ...cloud,
    /** What settle was asked so far. */
    requests,
    endings,
    /** What settle answers. */
    answers,
    /** From now on settle answers as it is told again. */
    settleAsTold: () => {
      answers.settle = settled;
    },
    /** From now on Batch's answers arrive as they are. */
    askAsIs: () => {
      cloud.altered.jobs = (answer) => answer;
    },
    /** Starts an execution of a job definition under a name that its job has too. */
    begin: async (jobDefinition: string, more: object = {}) => {
      const name = `run-${++count}`;
      return { name, arn: await cloud.start('filter', inputOf(jobDefinition, more), name) };
    },
    /** An ended execution: how it ended, the queues, memory and attempts of its jobs in their order, and its states. */
    async end({ name, arn }: { name: string; arn: string }) {
      const execution = await cloud.end(arn);
      const jobs = await jobsOf(name);
      const entered = (await cloud.history(arn)).flatMap(({ stateEnteredEventDetails }) =>
        stateEnteredEventDetails?.name === undefined ? [] : [stateEnteredEventDetails.name],
      );
      const tries = jobs.map(
        ({ jobQueue, container, attempts }) =>
          `${jobQueue?.split('/').at(-1)} ${container?.memory} MiB x${attempts?.length}`,
      );
      return { ...execution, jobs, tries, entered };
    },
    jobsOf,
  };
};

export type TestWorkflow = Awaited<ReturnType<typeof startWorkflow>>;
