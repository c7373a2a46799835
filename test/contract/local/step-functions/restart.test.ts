import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListJobsCommand } from '@aws-sdk/client-batch';
import { ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stateMachineArn } from '../../../../local/names.ts';
import type { StepFunctionsOptions } from '../../../../local/step-functions/create-step-functions.ts';
import { script } from '../batch/start-batch.ts';
import { machine, startStepFunctions } from './start-step-functions.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'kadam-test-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const waits = { Type: 'Wait', Seconds: 3600, End: true };
const job = (definition: string) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::batch:submitJob.sync',
  Parameters: { 'JobName.$': '$$.Execution.Name', JobQueue: 'jobs', JobDefinition: definition },
  End: true,
});
const start = (definitions?: Record<string, unknown>, onEnd?: StepFunctionsOptions['onEnd']) =>
  startStepFunctions({
    dataDir,
    onEnd,
    jobDefinitions: [
      script(
        'second-time-lucky',
        `console.log("attempt", process.env.AWS_BATCH_JOB_ATTEMPT);
         if (process.env.AWS_BATCH_JOB_ATTEMPT === "1") setInterval(() => {}, 1e6)`,
        { retryStrategy: { attempts: 2 } },
      ),
      script('stay', 'console.log("attempt", process.env.AWS_BATCH_JOB_ATTEMPT); setInterval(() => {}, 1e6)', {
        retryStrategy: { attempts: 2 },
      }),
    ],
    definitions: definitions ?? {
      job: machine({
        Before: { Type: 'Pass', Next: 'Job' },
        Job: job('second-time-lucky'),
      }),
      staying: machine({ Job: job('stay') }),
      quick: machine({ Only: { Type: 'Pass', End: true } }),
      slow: machine({ Wait: waits }),
    },
  });

it('runs an open execution again from its first state and finds the job that it had submitted', async () => {
  const before = await start();
  const executionArn = await before.start('job', { a: 1 }, 'kept');
  await before.batch.line('kept: attempt 1');
  await before.close();

  const after = await start();
  const execution = await after.end(executionArn);
  expect(execution).toMatchObject({ status: 'SUCCEEDED', name: 'kept', input: '{"a":1}' });
  expect(JSON.parse(execution.output ?? '').Attempts).toMatchObject([
    { StatusReason: 'Host EC2 (instance local) terminated.' },
    { StatusReason: 'Essential container in task exited' },
  ]);
  const { jobSummaryList } = await after.batch.client.send(
    new ListJobsCommand({ jobQueue: 'jobs', jobStatus: 'SUCCEEDED' }),
  );
  expect(jobSummaryList).toHaveLength(1);
  expect((await after.history(executionArn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  await after.close();
});

it('terminates a job that the execution, run again, does not come by any more', async () => {
  const before = await start();
  const executionArn = await before.start('staying', {}, 'left');
  await before.batch.line('left: attempt 1');
  await before.close();

  const after = await start({ staying: machine({ Wait: waits }) });
  await after.batch.line('left: attempt 2');
  await after.client.send(new StopExecutionCommand({ executionArn }));
  const command = new ListJobsCommand({ jobQueue: 'jobs', jobStatus: 'FAILED' });
  await expect
    .poll(async () => (await after.batch.client.send(command)).jobSummaryList)
    .toMatchObject([{ jobName: 'left', statusReason: 'The execution that submitted this job has ended' }]);
  await after.close();
});

it('terminates the jobs of an execution that was stopped when there was no time left to', async () => {
  const before = await start();
  const executionArn = await before.start('staying', {}, 'stopped-late');
  await before.batch.line('stopped-late: attempt 1');
  // Batch cannot be reached: on disk is what a kill between the execution's end and that of its job leaves there.
  before.outage.terminateJob = Number.POSITIVE_INFINITY;
  await before.client.send(new StopExecutionCommand({ executionArn, error: 'Enough' }));
  await before.close();

  const after = await start();
  await after.batch.line('stopped-late: attempt 2');
  const command = new ListJobsCommand({ jobQueue: 'jobs', jobStatus: 'FAILED' });
  await expect
    .poll(async () => (await after.batch.client.send(command)).jobSummaryList)
    .toMatchObject([{ statusReason: 'The execution that submitted this job has ended' }]);
  expect(await after.describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough' });
  await after.close();
});

it('remembers ended executions with their histories, and does not run them again', async () => {
  const before = await start();
  const ended = await before.run('quick', { a: 1 });
  const history = await before.history(ended.executionArn ?? '');
  const stopped = await before.start('slow', {}, 'stopped');
  await before.client.send(new StopExecutionCommand({ executionArn: stopped }));
  const open = await before.start('slow', {}, 'open');
  await before.close();

  const after = await start();
  const { $metadata: _, ...described } = await after.describe(ended.executionArn ?? '');
  const { $metadata: __, ...expected } = ended;
  expect(described).toEqual(expected);
  expect(await after.history(ended.executionArn ?? '')).toEqual(history);
  expect(await after.describe(stopped)).toMatchObject({ status: 'ABORTED' });
  expect(await after.start('slow', {}, 'open')).toBe(open);
  const { executions } = await after.client.send(
    new ListExecutionsCommand({ stateMachineArn: stateMachineArn('slow'), statusFilter: 'RUNNING' }),
  );
  expect(executions?.map(({ name }) => name)).toEqual(['open']);
  await after.close();
});

it('tells of an end once, and of one that nobody dealt with again at the next start', async () => {
  const told: string[] = [];
  const listening = (isAway: boolean) =>
    start(undefined, async ({ detail }) => {
      told.push(`${detail.name} ${detail.status}`);
      if (isAway) throw new Error('away');
    });
  const before = await listening(true);
  await before.end(await before.start('quick', {}, 'early'));
  await expect.poll(() => told).toEqual(['early SUCCEEDED']);
  await before.close();

  const after = await listening(false);
  await expect.poll(() => told).toEqual(['early SUCCEEDED', 'early SUCCEEDED']);
  await after.client.send(new StopExecutionCommand({ executionArn: await after.start('slow', {}, 'late') }));
  await expect.poll(() => told.slice(2)).toEqual(['late ABORTED']);
  await after.close();

  const last = await listening(false);
  await last.end(await last.start('quick', {}, 'last'));
  await expect.poll(() => told.slice(3)).toEqual(['last SUCCEEDED']);
  await last.close();
});

it('fails an open execution whose state machine is gone', async () => {
  const before = await start();
  const executionArn = await before.start('slow', {}, 'orphan');
  await before.close();
  const after = await start({ quick: machine({ Only: { Type: 'Pass', End: true } }) });
  await expect.poll(async () => (await after.describe(executionArn)).status).toBe('FAILED');
  expect((await after.describe(executionArn)).cause).toContain('is gone');
  await after.close();
});
