import { DescribeJobsCommand, ListJobsCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, script, startBatch } from './start-batch.ts';

const waitForEver = 'setInterval(() => {}, 1e6)';
let batch: Awaited<ReturnType<typeof startBatch>>;

beforeAll(async () => {
  batch = await startBatch({
    vcpus: 1,
    queues: ['jobs', 'other'],
    stopGraceSeconds: 0.2,
    jobDefinitions: [
      script('exit', 'process.exit(Number(process.argv[1]))', {
        command: ['node', '-e', 'process.exit(Number(process.argv[1]))', 'Ref::code'],
        parameters: { code: '0' },
      }),
      script('mark', 'console.log("begins"); setTimeout(() => console.log("ends"), 300)'),
      script('stay', `console.log("pid", process.pid); ${waitForEver}`),
      script('stubborn', `process.on("SIGTERM", () => {}); console.log("pid", process.pid); ${waitForEver}`),
      script(
        'second-time-lucky',
        `console.log("attempt", process.env.AWS_BATCH_JOB_ATTEMPT);
         if (process.env.AWS_BATCH_JOB_ATTEMPT === "1") ${waitForEver}`,
        {
          retryStrategy: {
            attempts: 3,
            evaluateOnExit: [
              { action: 'RETRY', onStatusReason: 'Host EC2*' },
              { action: 'EXIT', onReason: '*' },
            ],
          },
        },
      ),
    ],
  });
});
afterAll(() => batch.close());

const statusOf = async (jobId: string) => {
  const { jobs } = await batch.client.send(new DescribeJobsCommand({ jobs: [jobId] }));
  return jobs?.[0]?.status;
};
const pidPrintedBy = async (jobName: string) => Number((await batch.line(`${jobName}: pid `)).split(' ').at(-1));

describe('a machine', () => {
  it('with one vCPU runs two jobs one after the other, in the order of arrival, whatever their queues', async () => {
    const first = await batch.submit('mark', { jobName: 'first' });
    const second = await batch.submit('mark', { jobName: 'second', jobQueue: 'other' });
    expect(await statusOf(second)).toBe('RUNNABLE');
    await batch.jobEnd(first);
    await batch.jobEnd(second);
    expect(batch.lines.filter((line) => /^(first|second): /.test(line))).toEqual([
      'first: begins',
      'first: ends',
      'second: begins',
      'second: ends',
    ]);
  });

  it('with two vCPUs runs two jobs side by side', async () => {
    const wide = await startBatch({
      vcpus: 2,
      jobDefinitions: [script('stay', 'console.log("here"); setInterval(() => {}, 1e6)')],
    });
    await Promise.all(['left', 'right'].map((jobName) => wide.submit('stay', { jobName })));
    await Promise.all([wide.line('left: here'), wide.line('right: here')]);
    await wide.close();
  });

  it('runs next the first job of the share that runs least, so that a flood of one does not starve another', async () => {
    const stay = script('stay', 'console.log("here"); setInterval(() => {}, 1e6)', { schedulingPriority: 0 });
    const once = script('once', 'console.log("ran")', { schedulingPriority: 0 });
    const shared = await startBatch({ vcpus: 2, jobDefinitions: [once, stay] });
    const [, inTheWay] = await Promise.all(
      ['flood', 'third'].map((share) => shared.submit('stay', { jobName: share, shareIdentifier: share })),
    );
    await Promise.all([shared.line('flood: here'), shared.line('third: here')]);
    const jobs: string[] = [];
    for (const [jobName, shareIdentifier] of [
      ['flood-1', 'flood'],
      ['flood-2', 'flood'],
      ['last', 'other'],
    ]) {
      jobs.push(await shared.submit('once', { jobName, shareIdentifier }));
    }
    await shared.client.send(new TerminateJobCommand({ jobId: inTheWay, reason: 'seen enough' }));
    const ended = await Promise.all(jobs.map(shared.jobEnd));
    expect(ended.map(({ shareIdentifier }) => shareIdentifier)).toEqual(['flood', 'flood', 'other']);
    expect(shared.lines.filter((line) => line.endsWith(': ran'))).toEqual(
      ['last', 'flood-1', 'flood-2'].map((name) => `${name}: ran`),
    );
    await shared.close();
  });

  it('lists its jobs by status, page by page', async () => {
    const expected = await Promise.all([1, 2, 3].map((n) => batch.submit('exit', { jobName: `listed-${n}` })));
    await Promise.all(expected.map((jobId) => batch.jobEnd(jobId)));
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await batch.client.send(
        new ListJobsCommand({ jobQueue: 'jobs', jobStatus: 'SUCCEEDED', maxResults: 2, nextToken }),
      );
      expect(page.jobSummaryList?.length).toBeLessThanOrEqual(2);
      found.push(...(page.jobSummaryList ?? []).map(({ jobId }) => jobId ?? ''));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(expected));
  });
});

describe('a dependency', () => {
  it('is waited for', async () => {
    const first = await batch.submit('mark', { jobName: 'base' });
    const second = await batch.submit('exit', { dependsOn: [{ jobId: first }] });
    expect(await statusOf(second)).toBe('PENDING');
    await batch.jobEnd(first);
    expect(await batch.jobEnd(second)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('that fails takes its dependents with it, without running them', async () => {
    const first = await batch.submit('exit', { parameters: { code: '1' } });
    const second = await batch.submit('exit', { dependsOn: [{ jobId: first }] });
    const third = await batch.submit('exit', { dependsOn: [{ jobId: second }] });
    expect(await batch.jobEnd(third)).toMatchObject({ status: 'FAILED', statusReason: 'Dependent Job failed' });
    expect((await batch.jobEnd(second)).attempts).toEqual([]);
  });
});

describe('ending a job from outside', () => {
  it('terminates a running one with the given reason and without a retry', async () => {
    const jobId = await batch.submit('stay', { jobName: 'ended', retryStrategy: { attempts: 5 } });
    const pid = await pidPrintedBy('ended');
    await batch.client.send(new TerminateJobCommand({ jobId, reason: 'no longer wanted' }));
    const job = await batch.jobEnd(jobId);
    expect(job).toMatchObject({
      status: 'FAILED',
      statusReason: 'no longer wanted',
      isTerminated: true,
      container: { exitCode: 128 + 15 },
    });
    expect(job.attempts).toHaveLength(1);
    expect(isAlive(pid)).toBe(false);
  });

  it('kills one that does not heed SIGTERM', async () => {
    const jobId = await batch.submit('stubborn');
    await pidPrintedBy('stubborn');
    await batch.client.send(new TerminateJobCommand({ jobId, reason: 'now' }));
    expect(await batch.jobEnd(jobId)).toMatchObject({ statusReason: 'now', container: { exitCode: 137 } });
  });

  it('reclaims the host: the retry rules see AWS’s reason and the next attempt knows its number', async () => {
    const jobId = await batch.submit('second-time-lucky');
    await batch.line('second-time-lucky: attempt 1');
    batch.service.reclaim(jobId);
    const job = await batch.jobEnd(jobId);
    expect(job.status).toBe('SUCCEEDED');
    expect(job.attempts).toMatchObject([
      { statusReason: 'Host EC2 (instance i-local) terminated.', container: { exitCode: 128 + 15 } },
      { statusReason: 'Essential container in task exited', container: { exitCode: 0 } },
    ]);
    expect(job.attempts?.[0]?.container?.logStreamName).not.toBe(job.attempts?.[1]?.container?.logStreamName);
    expect(() => batch.service.reclaim(jobId)).toThrow('Expected a running job');
  });

  it('reclaims a host of Fargate in its own words', async () => {
    const jobId = await batch.submit('stay', { jobName: 'interrupted' });
    await batch.line('interrupted: pid');
    batch.service.reclaim(jobId, 'Fargate');
    expect(await batch.jobEnd(jobId)).toMatchObject({ statusReason: 'Your Spot Task was interrupted.' });
  });

  it('does nothing to a job that has ended', async () => {
    const jobId = await batch.submit('exit');
    const before = await batch.jobEnd(jobId);
    await batch.client.send(new TerminateJobCommand({ jobId, reason: 'late' }));
    const { jobs } = await batch.client.send(new DescribeJobsCommand({ jobs: [jobId] }));
    expect(jobs).toEqual([JSON.parse(JSON.stringify(before))]);
  });
});
