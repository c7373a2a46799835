import {
  CancelJobCommand,
  DescribeJobsCommand,
  type KeyValuesPair,
  ListJobsCommand,
  type ListJobsCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobDefinitionArn, jobQueueArn } from '../../../../local/names.ts';
import { script, startBatch } from './start-batch.ts';

const names = ['holiday-1', 'holiday-2', 'Website'];
let batch: Awaited<ReturnType<typeof startBatch>>;
let jobIds: string[];
/** Milliseconds at which the second job had not been submitted yet. */
let between: number;
beforeAll(async () => {
  batch = await startBatch({
    vcpus: 1,
    queues: ['jobs', 'busy', 'empty'],
    jobDefinitions: [
      script('noop', '', { image: 'containers/filter/Dockerfile', parameters: { a: 'b' }, timeoutSeconds: 60 }),
      script('noop-too', ''),
      script('stay', 'console.log("stays"); setInterval(() => {}, 1e6)'),
    ],
  });
  jobIds = [];
  for (const jobName of names) {
    const definition = jobName === 'Website' ? 'noop-too' : 'noop';
    const jobId = await batch.submit(definition, { jobName });
    const { createdAt = 0 } = await batch.jobEnd(jobId);
    if (jobIds.push(jobId) === 1) between = createdAt + 1;
  }
});
afterAll(() => batch.close());

const list = async (input: Partial<ListJobsCommandInput>) => {
  const { jobSummaryList = [] } = await batch.client.send(new ListJobsCommand({ jobQueue: 'jobs', ...input }));
  return jobSummaryList.map(({ jobName }) => jobName);
};
const filtered = (filter: KeyValuesPair) => list({ filters: [filter] });

describe('ListJobs', () => {
  it('lists one status, newest first; RUNNING if none is asked for', async () => {
    expect(await list({ jobStatus: 'SUCCEEDED' })).toEqual([...names].reverse());
    expect(await list({ jobQueue: jobQueueArn('jobs') })).toEqual([]);
    expect(await list({ jobQueue: 'empty', jobStatus: 'SUCCEEDED' })).toEqual([]);
  });

  it.each<[KeyValuesPair, string[]]>([
    [{ name: 'JOB_NAME', values: ['HOLIDAY-1'] }, ['holiday-1']],
    [{ name: 'JOB_NAME', values: ['holiday'] }, []],
    [{ name: 'JOB_NAME', values: ['Holiday*'] }, ['holiday-2', 'holiday-1']],
    [{ name: 'JOB_NAME', values: ['*'] }, ['Website', 'holiday-2', 'holiday-1']],
    [{ name: 'JOB_DEFINITION', values: ['noop'] }, ['holiday-2', 'holiday-1']],
    [{ name: 'JOB_DEFINITION', values: ['noop*'] }, ['Website', 'holiday-2', 'holiday-1']],
    [{ name: 'JOB_DEFINITION', values: ['NOOP'] }, []],
    [{ name: 'JOB_DEFINITION', values: [jobDefinitionArn('noop-too', 1)] }, ['Website']],
    [{ name: 'JOB_DEFINITION', values: [jobDefinitionArn('noop-too', 2)] }, []],
    [{ name: 'AFTER_CREATED_AT', values: ['0'] }, ['Website', 'holiday-2', 'holiday-1']],
    [{ name: 'BEFORE_CREATED_AT', values: ['0'] }, []],
  ])('filters jobs of every status by %j', async (filter, expected) => {
    expect(await filtered(filter)).toEqual(expected);
  });

  it('filters by the time at which jobs were submitted', async () => {
    expect(await filtered({ name: 'BEFORE_CREATED_AT', values: [String(between)] })).toEqual(['holiday-1']);
    const after = String(between - 1);
    expect(await filtered({ name: 'AFTER_CREATED_AT', values: [after] })).toEqual(['Website', 'holiday-2']);
  });

  it('pages through what a filter finds', async () => {
    const filters = [{ name: 'JOB_NAME', values: ['*'] }];
    const page = async (nextToken?: string) =>
      batch.client.send(new ListJobsCommand({ jobQueue: 'jobs', filters, maxResults: 2, nextToken }));
    const first = await page();
    expect(first.jobSummaryList?.map(({ jobName }) => jobName)).toEqual(['Website', 'holiday-2']);
    const second = await page(first.nextToken);
    expect(second.jobSummaryList?.map(({ jobName }) => jobName)).toEqual(['holiday-1']);
    expect(second.nextToken).toBeUndefined();
  });

  it('finds no children, for no job here is an array', async () => {
    const [arrayJobId] = jobIds;
    expect(await list({ jobQueue: undefined, arrayJobId, jobStatus: 'SUCCEEDED' })).toEqual([]);
    expect(await list({ jobQueue: undefined, multiNodeJobId: arrayJobId })).toEqual([]);
  });

  it.each<[string, Partial<ListJobsCommandInput>]>([
    ['no queue', { jobQueue: undefined }],
    ['a queue and an array', { arrayJobId: 'x' }],
    ['an unknown queue', { jobQueue: 'none' }],
    ['an unknown filter', { filters: [{ name: 'job_name', values: ['x'] }] }],
    [
      'two filters',
      {
        filters: [
          { name: 'JOB_NAME', values: ['x'] },
          { name: 'JOB_NAME', values: ['y'] },
        ],
      },
    ],
    ['a time in words', { filters: [{ name: 'AFTER_CREATED_AT', values: ['yesterday'] }] }],
    ['another’s token', { nextToken: 'nonsense', jobStatus: 'SUCCEEDED' }],
  ])('refuses %s', async (_, input) => {
    await expect(list(input)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});

describe('CancelJob', () => {
  const find = async (jobId: string) =>
    (await batch.client.send(new DescribeJobsCommand({ jobs: [jobId] }))).jobs?.[0] ?? {};
  const cancel = (jobId: string) => batch.client.send(new CancelJobCommand({ jobId, reason: 'not now' }));

  it('ends a job that waits, and leaves one that runs', async () => {
    const running = await batch.submit('stay', { jobQueue: 'busy' });
    await batch.line('stay: stays');
    const waiting = await batch.submit('noop', { jobQueue: 'busy' });
    const pending = await batch.submit('noop', { jobQueue: 'busy', dependsOn: [{ jobId: waiting }] });
    expect(await find(waiting)).toMatchObject({ status: 'RUNNABLE', isCancelled: false });
    await cancel(running);
    await cancel(waiting);
    expect(await batch.jobEnd(waiting)).toMatchObject({
      status: 'FAILED',
      statusReason: 'not now',
      isCancelled: true,
      attempts: [],
    });
    expect(await find(pending)).toMatchObject({ status: 'FAILED', statusReason: 'Dependent Job failed' });
    expect(await find(running)).toMatchObject({ status: 'RUNNING', isCancelled: false });
    await batch.client.send(new TerminateJobCommand({ jobId: running, reason: 'seen enough' }));
    await batch.jobEnd(running);
    await cancel(running);
    expect(await find(running)).toMatchObject({ statusReason: 'seen enough', isCancelled: false });
    await expect(cancel('none')).rejects.toMatchObject({ name: 'ClientException' });
  });
});
