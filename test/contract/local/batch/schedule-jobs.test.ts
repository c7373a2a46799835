import { DescribeJobsCommand, ListJobsCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive, script, startBatch } from './start-batch.ts';

const waitForEver = 'setInterval(() => {}, 1e6)';
let batch: Awaited<ReturnType<typeof startBatch>>;

beforeAll(async () => {
  batch = await startBatch({
    queues: [
      { name: 'jobs', vcpus: 1 },
      { name: 'wide', vcpus: 2 },
    ],
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

describe('a queue', () => {
  it('with one vCPU runs two jobs one after the other, in the order of arrival', async () => {
    const first = await batch.submit('mark', { jobName: 'first' });
    const second = await batch.submit('mark', { jobName: 'second' });
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
    const jobs = await Promise.all(
      ['left', 'right'].map((jobName) => batch.submit('stay', { jobName, jobQueue: 'wide' })),
    );
    await Promise.all([batch.line('left: pid'), batch.line('right: pid')]);
    for (const jobId of jobs) {
      await batch.client.send(new TerminateJobCommand({ jobId, reason: 'seen enough' }));
      await batch.jobEnd(jobId);
    }
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

  it('does nothing to a job that has ended', async () => {
    const jobId = await batch.submit('exit');
    const before = await batch.jobEnd(jobId);
    await batch.client.send(new TerminateJobCommand({ jobId, reason: 'late' }));
    const { jobs } = await batch.client.send(new DescribeJobsCommand({ jobs: [jobId] }));
    expect(jobs).toEqual([JSON.parse(JSON.stringify(before))]);
  });
});
