import { CancelJobCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobDefinition } from '../../../local/batch/submit-job.ts';
import { isAlive, script } from '../local/batch/start-batch.ts';
import { patience, startWorkflow, type TestWorkflow } from './start-workflow.ts';

/** JavaScript that knows the queue it runs on, the memory it was submitted with, and the number of its attempt. */
const container = (name: string, code: string, more: Partial<JobDefinition> = {}): JobDefinition =>
  script(name, '', {
    command: [
      ...['node', '-e'],
      `const [, memory] = process.argv; const isSpot = process.env.AWS_BATCH_JQ_NAME === 'spot';
       const attempt = Number(process.env.AWS_BATCH_JOB_ATTEMPT);
       const stay = () => { console.log('pid', process.pid); setInterval(() => {}, 1e6); };
       const eat = () => { const all = []; setInterval(() => all.push(Buffer.alloc(3e7, 1)), 20); };
       ${code}`,
      ...['Ref::memoryMiB', 'Ref::job'],
    ],
    ...more,
  });

let workflow: TestWorkflow;
beforeAll(async () => {
  workflow = await startWorkflow([
    container('works', ''),
    container('stays', 'stay()'),
    container('stays-on-spot', 'if (isSpot) stay()'),
    container('eats-with-little', 'if (memory === "256") eat()'),
    container('eats', 'eat()'),
    container('eats-then-stays-on-spot', 'if (memory === "256") eat(); else if (isSpot) stay()'),
    container('stays-on-spot-then-eats', 'if (isSpot) stay(); else if (memory === "256") eat()'),
    container('is-killed-with-little', 'if (memory === "256") process.kill(process.pid, "SIGKILL")'),
    container('says-too-little', 'if (memory === "256") process.exit(20)'),
    container('has-a-fault', 'process.exit(21)'),
    container('is-too-small', 'process.exit(22)'),
    container('is-stopped', 'if (isSpot || attempt < 3) process.exit(23)'),
    container('tries-again', 'process.exit(10)'),
    container('takes-too-long', 'process.on("SIGTERM", () => process.kill(process.pid, "SIGKILL")); stay()', {
      timeoutSeconds: 1,
    }),
    container('imageless', '', { image: 'nowhere/Dockerfile' }),
    container('programless', '', { command: ['/no/such/program'] }),
  ]);
});
afterAll(() => workflow.close());
beforeEach(() => {
  workflow.requests.length = 0;
});

/** Runs a job to its execution's end, and does something as soon as it prints its process id. */
const run = async (jobDefinition: string, more: object = {}, whenUp?: (jobId: string) => unknown) => {
  const begun = await workflow.begin(jobDefinition, more);
  if (whenUp) {
    await workflow.batch.line(`${begun.name}: pid`);
    await whenUp((await workflow.jobsOf(begun.name)).at(-1)?.jobId ?? '');
  }
  return workflow.end(begun);
};
const causeOf = (request: { failure?: { Cause: string } } | undefined) => JSON.parse(request?.failure?.Cause ?? '{}');

describe('a job that ends well', () => {
  it('runs once, on Spot, with the input’s job definition, share and memory, and is settled', async () => {
    const execution = await run('works', { jobDefinition: 'works:1', share: 'other' });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{"status":"done"}', tries: ['spot 256 MiB x1'] });
    expect(execution.jobs).toMatchObject([
      { shareIdentifier: 'other', parameters: { job: 'id', memoryMiB: '256' }, jobName: execution.name },
    ]);
    expect(workflow.requests).toEqual([{ job: 'id', execution: 1 }]);
    expect(execution.entered).toEqual([
      ...['Filter on Spot', 'How did the job end?', 'Settle the job', 'How did it end?', 'Ended'],
    ]);
  });

  it('fails where settle finds no result', async () => {
    workflow.answers.settle = () => ({ body: { status: 'failed', error: { code: 'NoResult', message: 'none' } } });
    const execution = await run('works').finally(workflow.settleAsTold);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'NoResult', cause: 'none' });
  });
});

describe('a job that loses its host on Spot', () => {
  it.each(['EC2', 'Fargate'] as const)('of %s runs on On-Demand at once', async (host) => {
    const execution = await run('stays-on-spot', {}, (jobId) => workflow.batch.service.reclaim(jobId, host));
    expect(execution).toMatchObject({ status: 'SUCCEEDED', tries: ['spot 256 MiB x1', 'on-demand 256 MiB x1'] });
    expect(workflow.requests).toEqual([{ job: 'id', execution: 1 }]);
  });

  it('and stops by itself before the host is gone does so too; on On-Demand Batch tries it again', async () => {
    const execution = await run('is-stopped');
    expect(execution).toMatchObject({ status: 'SUCCEEDED', tries: ['spot 256 MiB x1', 'on-demand 256 MiB x3'] });
  });

  it('and then another on On-Demand is tried again there', async () => {
    const begun = await workflow.begin('stays');
    for (const attempt of [1, 2, 3, 4]) {
      await expect
        .poll(() => workflow.batch.lines.filter((line) => line.startsWith(`${begun.name}: pid`)).length, patience)
        .toBe(attempt);
      workflow.batch.service.reclaim((await workflow.jobsOf(begun.name)).at(-1)?.jobId ?? '');
    }
    const execution = await workflow.end(begun);
    expect(execution).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x1', 'on-demand 256 MiB x3'] });
    expect(causeOf(workflow.requests[0])).toMatchObject({ StatusReason: 'Host EC2 (instance i-local) terminated.' });
  });
});

describe('a job that waits for Spot capacity in vain', () => {
  let others = 0;
  const cancelled = async (reason: string) => {
    const inTheWay: string[] = [];
    for (const _vcpu of [1, 2]) {
      const jobName = `in-the-way-${++others}`;
      inTheWay.push(await workflow.batch.submit('stays', { jobQueue: 'spot', jobName }));
      await workflow.batch.line(`${jobName}: pid`);
    }
    const begun = await workflow.begin('works');
    await expect.poll(async () => (await workflow.jobsOf(begun.name))[0]?.status, patience).toBe('RUNNABLE');
    const [job] = await workflow.jobsOf(begun.name);
    await workflow.batch.client.send(new CancelJobCommand({ jobId: job?.jobId, reason }));
    for (const jobId of inTheWay) {
      await workflow.batch.client.send(new TerminateJobCommand({ jobId, reason: 'seen enough' }));
    }
    return workflow.end(begun);
  };

  it('and is cancelled by the queue for that runs on On-Demand', async () => {
    const reason = 'Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';
    expect(await cancelled(reason)).toMatchObject({
      status: 'SUCCEEDED',
      tries: ['spot 256 MiB x0', 'on-demand 256 MiB x1'],
    });
  });

  it.each([
    'Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT',
    'a person did not want it any more',
  ])('and is cancelled for another reason fails: %s', async (reason) => {
    expect(await cancelled(reason)).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x0'] });
    expect(causeOf(workflow.requests[0])).toMatchObject({ StatusReason: reason });
  });
});

describe('a container that does not start', () => {
  it.each([
    ['imageless', 'CannotPullContainerError'],
    ['programless', 'CannotStartContainerError'],
  ])('(%s) is tried again on the same queue, then on On-Demand, and then fails', async (name, reason) => {
    const execution = await run(name);
    expect(execution).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x3', 'on-demand 256 MiB x3'] });
    expect(causeOf(workflow.requests[0])).toMatchObject({
      StatusReason: 'Task failed to start',
      Container: { Reason: expect.stringContaining(reason) },
    });
  });
});

describe('an image that is not pulled', () => {
  it('is known by the container’s reason too, whatever Batch says of the task', async () => {
    workflow.altered.jobs = (answer) => {
      for (const job of answer.jobs ?? []) {
        if (job.statusReason === 'Task failed to start') job.statusReason = 'Essential container in task exited';
      }
      return answer;
    };
    const execution = await run('imageless').finally(workflow.askAsIs);
    expect(execution.tries).toEqual(['spot 256 MiB x3', 'on-demand 256 MiB x3']);
  });
});

describe('a job that has too little memory', () => {
  it.each([
    ['is killed for it, with a reason', 'eats-with-little'],
    ['is killed for it, without a reason', 'is-killed-with-little'],
    ['says so itself', 'says-too-little'],
  ])('and %s gets more on the same queue, and is told', async (_name, definition) => {
    const execution = await run(definition);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', tries: ['spot 256 MiB x1', 'spot 512 MiB x1'] });
    expect(execution.jobs[1]?.parameters).toMatchObject({ memoryMiB: '512' });
  });

  it('and still ends with 0, because only a child of it was killed, gets more on the same queue', async () => {
    workflow.altered.jobs = (answer) => {
      for (const { container } of answer.jobs ?? []) {
        if (container?.memory === 256 && container.exitCode === 0)
          container.reason = 'OutOfMemoryError: Container killed';
      }
      return answer;
    };
    const execution = await run('works').finally(workflow.askAsIs);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', tries: ['spot 256 MiB x1', 'spot 512 MiB x1'] });
  });

  it('and still has gets no more than that', async () => {
    const execution = await run('eats');
    expect(execution).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x1', 'spot 512 MiB x1'] });
    expect(causeOf(workflow.requests[0])).toMatchObject({
      Container: { Reason: 'OutOfMemoryError: Container killed due to memory usage', ExitCode: 137 },
    });
  });

  it('and cannot have more fails', async () => {
    const execution = await run('eats', { raisedMemoryMiB: '256' });
    expect(execution).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x1'] });
  });

  it('keeps what it got when it then loses its host', async () => {
    const execution = await run('eats-then-stays-on-spot', {}, (jobId) => workflow.batch.service.reclaim(jobId));
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      tries: ['spot 256 MiB x1', 'spot 512 MiB x1', 'on-demand 512 MiB x1'],
    });
  });

  it('on On-Demand gets more there', async () => {
    const execution = await run('stays-on-spot-then-eats', {}, (jobId) => workflow.batch.service.reclaim(jobId));
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      tries: ['spot 256 MiB x1', 'on-demand 256 MiB x1', 'on-demand 512 MiB x1'],
    });
  });
});

describe('a job that fails for good', () => {
  it.each([
    ['has a fault', 'has-a-fault', 21, 1],
    ['has too little time or disk', 'is-too-small', 22, 1],
    ['meets services that go on failing', 'tries-again', 10, 3],
  ])('because it %s is not submitted again', async (_name, definition, ExitCode, attempts) => {
    const execution = await run(definition);
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'States.TaskFailed',
      tries: [`spot 256 MiB x${attempts}`],
    });
    expect(workflow.requests).toMatchObject([{ job: 'id', execution: 1, failure: { Error: 'States.TaskFailed' } }]);
    expect(causeOf(workflow.requests[0])).toMatchObject({ Container: { ExitCode } });
    expect(execution.entered.slice(-3)).toEqual(['Settle the failure', 'How did it end?', 'Failed']);
  });

  it('because its attempt takes too long is not submitted again, though the kill looks like one for memory', async () => {
    const execution = await run('takes-too-long');
    expect(execution).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x1'] });
    expect(causeOf(workflow.requests[0])).toMatchObject({
      StatusReason: 'Job attempt duration exceeded timeout',
      Container: { ExitCode: 137 },
    });
  });

  it('because a person terminates it is not submitted again', async () => {
    const execution = await run('stays', {}, (jobId) =>
      workflow.batch.client.send(new TerminateJobCommand({ jobId, reason: 'not wanted' })),
    );
    expect(execution).toMatchObject({ status: 'FAILED', tries: ['spot 256 MiB x1'] });
    expect(causeOf(workflow.requests[0])).toMatchObject({ StatusReason: 'not wanted' });
  });

  it('with an account of itself that is too long to be whole JSON is recorded as it is', async () => {
    workflow.altered.jobs = (answer) => {
      for (const { container } of answer.jobs ?? []) if (container) container.command = ['x'.repeat(40_000)];
      return answer;
    };
    const execution = await run('eats').finally(workflow.askAsIs);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed', tries: ['spot 256 MiB x1'] });
    expect(workflow.requests[0]?.failure?.Cause).toMatch(/^\{.*x$/);
  });

  it('because Batch refuses it is recorded with Batch’s words', async () => {
    const execution = await run('no-such-definition');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Batch.ClientException', tries: [] });
    expect(workflow.requests).toMatchObject([
      { failure: { Error: 'Batch.ClientException', Cause: expect.stringContaining('no-such-definition not found') } },
    ]);
  });
});

describe('a service that fails for a while', () => {
  it('is asked again: Batch for a job', async () => {
    workflow.outage.submitJob = 6;
    expect(await run('works')).toMatchObject({ status: 'SUCCEEDED', tries: ['spot 256 MiB x1'] });
    expect(workflow.outage.submitJob).toBeLessThan(0);
  });

  it('is asked again: Batch for a job on On-Demand', async () => {
    const execution = await run('stays-on-spot', {}, (jobId) => {
      workflow.outage.submitJob = 6;
      workflow.batch.service.reclaim(jobId);
    });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', tries: ['spot 256 MiB x1', 'on-demand 256 MiB x1'] });
    expect(workflow.outage.submitJob).toBeLessThan(0);
  });

  it.each([
    ['works', 'SUCCEEDED'],
    ['has-a-fault', 'FAILED'],
  ])('is asked again: settle, throttled, failing or while a worker holds the job (%s)', async (definition, status) => {
    const settle = workflow.answers.settle;
    const faults = [
      { status: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' }, body: {} },
      { status: 500, headers: { 'x-amzn-errortype': 'ServiceException' }, body: {} },
      { headers: { 'x-amz-function-error': 'Unhandled' }, body: { errorType: 'LostClaimError', errorMessage: 'held' } },
    ];
    workflow.answers.settle = (request) => faults.pop() ?? settle(request);
    expect(await run(definition).finally(workflow.settleAsTold)).toMatchObject({ status });
    expect(workflow.requests).toHaveLength(4);
  });
});

describe('an execution that is stopped', () => {
  it('leaves no job behind, and its end is told', async () => {
    const begun = await workflow.begin('stays');
    const pid = Number((await workflow.batch.line(`${begun.name}: pid`)).split(' ').at(-1));
    await workflow.client.send(new StopExecutionCommand({ executionArn: begun.arn, error: 'Enough', cause: 'of it' }));
    await expect
      .poll(() => workflow.endings.find(({ detail }) => detail.name === begun.name)?.detail, patience)
      .toMatchObject({
        ...{ status: 'ABORTED', error: 'Enough', cause: 'of it' },
        input: expect.stringContaining('"job":"id"'),
      });
    await expect.poll(async () => (await workflow.jobsOf(begun.name))[0]?.status, patience).toBe('FAILED');
    expect(isAlive(pid)).toBe(false);
    expect(workflow.requests).toEqual([]);
  });
});
