import { DescribeJobsCommand, type JobStatus, ListJobsCommand } from '@aws-sdk/client-batch';
import { GetExecutionHistoryCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionArn } from '../../../../local/names.ts';
import { isAlive, script } from '../batch/start-batch.ts';
import { machine, startStepFunctions } from './start-step-functions.ts';

const submit = (definition: string, more: object = {}, parameters: object = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::batch:submitJob.sync',
  Parameters: { 'JobName.$': '$$.Execution.Name', JobQueue: 'jobs', JobDefinition: definition, ...parameters },
  ...('Next' in more ? {} : { End: true }),
  ...more,
});
const caught = { Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.failure', Next: 'Note' }] };
const note = { Type: 'Pass', End: true };

// The time-outs leave a busy machine the time to start a job: only one that has begun can be seen to end.
let cloud: Awaited<ReturnType<typeof startStepFunctions>>;
beforeAll(async () => {
  cloud = await startStepFunctions({
    jobDefinitions: [
      script('exit', '', {
        command: ['node', '-e', 'process.exit(Number(process.argv[1]))', 'Ref::code'],
        parameters: { code: '0' },
      }),
      script('stay', 'console.log("pid", process.pid); setInterval(() => {}, 1e6)'),
    ],
    definitions: {
      plain: machine({
        Job: submit(
          'exit',
          {},
          {
            Parameters: { 'code.$': '$.code' },
            ContainerOverrides: { ResourceRequirements: [{ Type: 'MEMORY', 'Value.$': '$.memory' }] },
          },
        ),
      }),
      caught: machine({
        Job: submit('exit', { ...caught, Next: 'Note' }, { Parameters: { code: '3' } }),
        Note: note,
      }),
      stay: machine({ Job: submit('stay') }),
      'times-out': machine({
        Job: submit('stay', { TimeoutSeconds: 4, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Note' }] }),
        Note: note,
      }),
      'times-out-altogether': machine({ Job: submit('stay') }, { TimeoutSeconds: 4 }),
      queueless: machine({ Job: submit('exit', {}, { JobQueue: 'none' }) }),
      retried: machine({ Job: submit('exit', { Retry: [{ ErrorEquals: ['Batch.ServerException'] }] }) }),
      'misspelt-deep': machine({ Job: submit('exit', {}, { ContainerOverrides: { Comand: ['x'] } }) }),
      misspelt: machine({ Job: submit('exit', {}, { ContainerOverrides: { command: ['x'] } }) }),
    },
  });
});
afterAll(() => cloud.close());

const jobsIn = async (jobStatus: JobStatus) => {
  const { jobSummaryList } = await cloud.batch.client.send(new ListJobsCommand({ jobQueue: 'jobs', jobStatus }));
  return jobSummaryList ?? [];
};
const stop = (executionArn: string) =>
  cloud.client.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'seen all of it' }));
const lastPid = () =>
  Number(
    cloud.batch.lines
      .findLast((line) => line.includes(': pid '))
      ?.split(' ')
      .at(-1),
  );
const startStaying = async (definition: string, name: string) => {
  const executionArn = await cloud.start(definition, {}, name);
  await cloud.batch.line(`${name}: pid `);
  return executionArn;
};

describe('batch:submitJob.sync', () => {
  it('answers with the job in Step Functions’ casing', async () => {
    const execution = await cloud.run('plain', { code: '0', memory: '256' });
    expect(execution.status).toBe('SUCCEEDED');
    const job = JSON.parse(execution.output ?? '');
    expect(job).toMatchObject({
      JobId: expect.any(String),
      JobName: execution.name,
      Status: 'SUCCEEDED',
      StatusReason: 'Essential container in task exited',
      Parameters: { code: '0' },
      Container: { ExitCode: 0, Memory: 256 },
      Attempts: [{ Container: { ExitCode: 0 } }],
    });
  });

  it('fails with States.TaskFailed and the job as its cause', async () => {
    const execution = await cloud.run('plain', { code: '5', memory: '256' });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(execution.cause ?? '')).toMatchObject({
      Status: 'FAILED',
      StatusReason: 'Essential container in task exited',
      Container: { ExitCode: 5 },
    });
  });

  it('fails so that Catch can take it, and the rest of the input stays', async () => {
    const execution = await cloud.run('caught', { kept: true });
    expect(execution.status).toBe('SUCCEEDED');
    const { kept, failure } = JSON.parse(execution.output ?? '');
    expect(kept).toBe(true);
    expect(failure.Error).toBe('States.TaskFailed');
    expect(JSON.parse(failure.Cause).Container.ExitCode).toBe(3);
  });

  it('that lost sight of its job finds it again by a retry, and submits no second one', async () => {
    cloud.outage.describeJobs = 5;
    const execution = await cloud.run('retried');
    expect(execution.status).toBe('SUCCEEDED');
    expect(cloud.outage.describeJobs).toBeLessThan(0);
    const { jobSummaryList } = await cloud.batch.client.send(
      new ListJobsCommand({ jobQueue: 'jobs', jobStatus: 'SUCCEEDED' }),
    );
    expect(jobSummaryList?.filter(({ jobName }) => jobName === execution.name)).toHaveLength(1);
  });

  it('names a refusal of Batch by its exception', async () => {
    expect(await cloud.run('queueless')).toMatchObject({
      status: 'FAILED',
      error: 'Batch.ClientException',
      cause: expect.stringMatching(/none not found \(Service: Batch; Status Code: 400; Error Code: ClientException/),
    });
  });

  it('refuses fields in another casing when the task runs', async () => {
    expect(await cloud.run('misspelt')).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'Expected fields that begin with a capital but received command',
    });
  });
});

describe('a misspelt field', () => {
  it('deep in the parameters is refused when the task runs', async () => {
    expect(await cloud.run('misspelt-deep')).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining('"comand"'),
    });
  });
});

describe('a job whose task is aborted', () => {
  it('is terminated when the execution is stopped', async () => {
    const executionArn = await startStaying('stay', 'stopped');
    const pid = lastPid();
    const { stopDate } = await stop(executionArn);
    expect(stopDate).toBeInstanceOf(Date);
    const execution = await cloud.describe(executionArn);
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'seen all of it', stopDate });
    await expect.poll(() => jobsIn('RUNNING')).toEqual([]);
    expect(isAlive(pid)).toBe(false);
    expect((await jobsIn('FAILED')).find(({ jobName }) => jobName === 'stopped')).toMatchObject({
      statusReason: 'The Step Functions task that waited for this job was aborted',
    });
  });

  it('is terminated when it has not begun yet, and never runs', async () => {
    await startStaying('stay', 'in-the-way-1');
    await startStaying('stay', 'in-the-way-2');
    const waiting = await cloud.start('stay', {}, 'waiting');
    await expect.poll(() => jobsIn('RUNNABLE')).toMatchObject([{ jobName: 'waiting' }]);
    await stop(waiting);
    await expect.poll(() => jobsIn('RUNNABLE')).toEqual([]);
    for (const name of ['in-the-way-1', 'in-the-way-2']) await stop(executionArn('stay', name));
    await expect.poll(() => jobsIn('RUNNING')).toEqual([]);
    const [job] = (await jobsIn('FAILED')).filter(({ jobName }) => jobName === 'waiting');
    expect(job).toMatchObject({ statusReason: 'The Step Functions task that waited for this job was aborted' });
    expect(job?.startedAt).toBeUndefined();
  });

  it('is terminated whenever the execution is stopped, be it while the job is being submitted', async () => {
    for (let index = 0; index < 10; index++) await stop(await cloud.start('stay', {}, `at-once-${index}`));
    const isOpen = async () => (await Promise.all([jobsIn('RUNNABLE'), jobsIn('STARTING'), jobsIn('RUNNING')])).flat();
    await expect.poll(isOpen).toEqual([]);
    const { events = [] } = await cloud.client.send(
      new GetExecutionHistoryCommand({ executionArn: executionArn('stay', 'at-once-0'), reverseOrder: true }),
    );
    expect(events[0]).toMatchObject({
      type: 'ExecutionAborted',
      executionAbortedEventDetails: { error: 'Enough', cause: 'seen all of it' },
    });
  });

  it('is terminated when the state’s time is up, and Catch goes on', async () => {
    const executionArn = await startStaying('times-out', 'state-time-out');
    const pid = lastPid();
    const execution = await cloud.end(executionArn);
    expect(execution.status).toBe('SUCCEEDED');
    expect(JSON.parse(execution.output ?? '')).toMatchObject({ Error: 'States.Timeout' });
    await expect.poll(() => jobsIn('RUNNING')).toEqual([]);
    expect(isAlive(pid)).toBe(false);
    const types = (await cloud.history(executionArn)).map(({ type }) => type);
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskTimedOut',
      'TaskStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('is terminated when the execution’s time is up', async () => {
    const executionArn = await startStaying('times-out-altogether', 'execution-time-out');
    expect(await cloud.end(executionArn)).toMatchObject({ status: 'TIMED_OUT' });
    await expect.poll(() => jobsIn('RUNNING')).toEqual([]);
  });

  it('leaves no job that is still known as open', async () => {
    const { jobs } = await cloud.batch.client.send(
      new DescribeJobsCommand({ jobs: (await jobsIn('FAILED')).map(({ jobId }) => jobId ?? '') }),
    );
    expect(jobs?.every(({ stoppedAt }) => stoppedAt !== undefined)).toBe(true);
  });
});
