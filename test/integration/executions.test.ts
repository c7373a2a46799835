import { BatchClient, type JobStatus, ListJobsCommand } from '@aws-sdk/client-batch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { photoLike } from '../../cli/photo-like.ts';
import { cloudNames } from '../../local/cloud-environment.ts';
import { credentials, region, stateMachineArn } from '../../local/names.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

const patience = { timeout: 30_000 };

let cloud: TestCloud;
afterEach(() => cloud.close(), 60_000);

/** Takes seconds to filter: whatever happens when it is claimed happens in the middle. */
const photo = () => photoLike({ width: 2400, height: 1600 }).jpeg().toBuffer();

const jobsOf = async (jobQueue: string, jobStatus: JobStatus) => {
  const batch = new BatchClient({ endpoint: cloud.cloud.endpoint, region, credentials });
  const { jobSummaryList } = await batch.send(new ListJobsCommand({ jobQueue, jobStatus }));
  batch.destroy();
  return jobSummaryList ?? [];
};

/** What a container's log says of the job that it has claimed. */
const claimedLine = z
  .looseObject({ job: z.string(), execution: z.number(), owner: z.templateLiteral(['batch/', z.string()]) })
  .transform(({ owner, ...line }) => ({ ...line, batchJob: owner.split('/')[1] ?? '' }));
type Claimed = z.output<typeof claimedLine>;

/** Starts a cloud in which everything goes to Batch; answers what the first container has claimed as soon as it has. */
const startOnBatch = async () => {
  const claimed = Promise.withResolvers<Claimed>();
  cloud = await startTestCloud({
    lambdaSeconds: 1,
    onLine: (line) => {
      const [, json] = /^\S+: (\{.*"claimed".*)$/.exec(line) ?? [];
      if (json !== undefined) claimed.resolve(claimedLine.parse(JSON.parse(json)));
    },
  });
  return { claimed: claimed.promise };
};

describe('a container whose Spot host is taken away', () => {
  it('stops, and its job is done on On-Demand', { timeout: 120_000 }, async () => {
    const { claimed } = await startOnBatch();
    const version = await cloud.upload('a.jpg', await photo(), 'web');
    cloud.cloud.batch.reclaim((await claimed).batchJob);
    const manifest = await cloud.manifest('a.jpg', version, 'web');
    expect(manifest).toMatchObject({ status: 'done', job: { attempt: 2 } });
    expect(await jobsOf(cloudNames.spotQueue, 'FAILED')).toMatchObject([
      { statusReason: 'Host EC2 (instance i-local) terminated.', container: { exitCode: 23 } },
    ]);
    await expect.poll(() => jobsOf(cloudNames.onDemandQueue, 'SUCCEEDED'), patience).toHaveLength(1);
  });
});

describe('an execution that a person stops', () => {
  it('ends its job as failed, and leaves nothing running', { timeout: 120_000 }, async () => {
    const { claimed } = await startOnBatch();
    const version = await cloud.upload('a.jpg', await photo(), 'web');
    await claimed;
    const client = new SFNClient({ endpoint: cloud.cloud.endpoint, region, credentials });
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ stateMachineArn: stateMachineArn(cloudNames.stateMachine) }),
    );
    const [{ executionArn } = {}] = executions;
    await client.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'of it' }));
    client.destroy();
    const manifest = await cloud.manifest('a.jpg', version, 'web');
    expect(manifest).toMatchObject({ status: 'failed', outputs: [], error: { code: 'ExecutionAborted' } });
    expect(manifest.error?.message).toMatch(/was stopped \(Enough: of it\)/);
    await expect
      .poll(() => cloud.cloud.events.events().map(({ detailType }) => detailType), patience)
      .toEqual(['Job failed']);
    await expect.poll(() => jobsOf(cloudNames.spotQueue, 'RUNNING'), patience).toEqual([]);
    expect(await cloud.list('a.jpg/')).toEqual(['a.jpg/web/manifest.json']);
  });
});

/** What `settle` answers, as the state machine invokes it. */
const settle = async (request: object) => {
  const client = new LambdaClient({ endpoint: cloud.cloud.endpoint, region, credentials });
  const invoke = new InvokeCommand({ FunctionName: cloudNames.settle, Payload: JSON.stringify(request) });
  const { Payload, FunctionError } = await client.send(invoke);
  client.destroy();
  return { Payload: JSON.parse(Buffer.from(Payload ?? []).toString()), FunctionError };
};

describe('the function settle', () => {
  it('changes nothing for an execution that is no longer the job’s', { timeout: 120_000 }, async () => {
    const { claimed } = await startOnBatch();
    const version = await cloud.upload('a.jpg', await photo(), 'web');
    const { job, execution } = await claimed;
    const failure = { Error: 'States.Timeout', Cause: 'of an execution before' };
    const answer = await settle({ job, execution: execution - 1, failure });
    expect(answer).toMatchObject({ Payload: { status: 'running' }, FunctionError: undefined });
    // That one is the job's: it waits for the worker, whose lease runs.
    expect(await settle({ job, execution, failure })).toMatchObject({ Payload: { errorType: 'LostClaimError' } });
    expect(await cloud.manifest('a.jpg', version, 'web')).toMatchObject({ status: 'done' });
  });
});
