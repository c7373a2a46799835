import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executionArnOf, stepFunctionsWorkflow } from '../../../aws/step-functions-workflow.ts';
import type { Job } from '../../../core/jobs/job.ts';
import { type Gateway, type Services, startGateway } from '../../../local/gateway.ts';
import { credentials, region, stateMachineArn } from '../../../local/names.ts';
import { createStepFunctions } from '../../../local/step-functions/create-step-functions.ts';
import { aJob } from '../../support/jobs.ts';
import { fileTraits } from '../../unit/formats/encoded.ts';

let gateway: Gateway;
let service: Awaited<ReturnType<typeof createStepFunctions>>;
let client: SFNClient;
const arn = stateMachineArn('machine');
const filter = { timeoutSeconds: 60, memoryMiB: 8192, diskMiB: 1000, vcpus: 2 };
const containers = { filter, painting: { ...filter, memoryMiB: 1024 } };
const jobDefinitions = {
  filter: 'arn:aws:batch:r:1:job-definition/f:3',
  painting: 'arn:aws:batch:r:1:job-definition/p:1',
};

beforeAll(async () => {
  const services: Services = {};
  gateway = await startGateway({ services });
  const definition = { StartAt: 'End', States: { End: { Type: 'Succeed' } } };
  const waiting = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } };
  service = await createStepFunctions({
    stateMachines: [
      { name: 'machine', definition },
      { name: 'waiting', definition: waiting },
    ],
    endpoint: gateway.endpoint,
  });
  services.states = service;
  client = new SFNClient({ endpoint: gateway.endpoint, region, credentials });
});

afterAll(async () => {
  client.destroy();
  await service.close();
  await gateway.close();
});

const estimated = (upper: number): Job['decision'] => {
  const bounded = { median: 1, upper };
  const estimate = { seconds: bounded, fixedSeconds: bounded, memoryMiB: bounded, diskMiB: bounded, stages: [] };
  return { target: 'batch', reasons: ['too slow'], estimate };
};
let count = 0;
const freshJob = (changes: Partial<Job> = {}) => aJob({ id: String(++count).padStart(32, '0'), ...changes });

/** The executions of a job, oldest first, with their input. */
const executionsOf = async (job: Job) => {
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn: arn }));
  const own = executions.filter(({ name }) => name?.includes(job.id)).reverse();
  return Promise.all(
    own.map(async ({ executionArn, name }) => {
      const { input } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return { name, input: JSON.parse(input ?? '{}') };
    }),
  );
};

describe('workflow on Step Functions', () => {
  it('starts one execution for an attempt, however often it is asked to', async () => {
    const workflow = stepFunctionsWorkflow(client, arn, containers, jobDefinitions);
    const job = freshJob();
    await Promise.all([workflow.start(job), workflow.start(job)]);
    await expect.poll(async () => (await executionsOf(job)).length).toBe(1);
    await workflow.start(job);
    await workflow.start({ ...job, decision: { ...job.decision, reasons: ['others'] } });
    expect(await executionsOf(job)).toMatchObject([{ name: `a-photo-jpg-${job.id}-1`, input: { job: job.id } }]);
  });

  it('starts another where the job is queued anew', async () => {
    const workflow = stepFunctionsWorkflow(client, arn, containers, jobDefinitions);
    const job = freshJob();
    await workflow.start(job);
    await workflow.start({ ...job, execution: 2 });
    expect((await executionsOf(job)).map(({ name }) => name?.at(-1)).sort()).toEqual(['1', '2']);
  });

  it('says whether an execution is open: neither one that was stopped nor one that never was', async () => {
    const waiting = stateMachineArn('waiting');
    const workflow = stepFunctionsWorkflow(client, waiting, containers, jobDefinitions);
    const job = freshJob();
    expect(await workflow.isOpen(job)).toBe(false);
    await workflow.start(job);
    expect(await workflow.isOpen(job)).toBe(true);
    await client.send(new StopExecutionCommand({ executionArn: executionArnOf(waiting, job) }));
    expect(await workflow.isOpen(job)).toBe(false);
  });

  it('asks for more memory where the header could not tell how many frames there are', async () => {
    const traits = { ...fileTraits, frames: { count: 1, known: 'atLeast' } } as const;
    const job = freshJob({ decision: estimated(1000), traits });
    await stepFunctionsWorkflow(client, arn, containers, jobDefinitions).start(job);
    expect(await executionsOf(job)).toMatchObject([{ input: { memoryMiB: '4000', execution: 1 } }]);
  });

  it('names the container, its job definition’s revision and the share of the recipe', async () => {
    const workflow = stepFunctionsWorkflow(client, arn, containers, jobDefinitions);
    const plain = freshJob({ recipe: { name: 'my-recipe-2', hash: 'f'.repeat(64) }, decision: estimated(1000) });
    await workflow.start(plain);
    expect(await executionsOf(plain)).toMatchObject([
      {
        input: { container: 'filter', jobDefinition: jobDefinitions.filter, share: 'myrecipe2', recipe: 'my-recipe-2' },
      },
    ]);
    const painted = freshJob({ decision: { ...estimated(9999), container: 'painting' } });
    await workflow.start(painted);
    expect(await executionsOf(painted)).toMatchObject([
      { input: { container: 'painting', jobDefinition: jobDefinitions.painting, memoryMiB: '1024' } },
    ]);
  });

  it('refuses a container that is not deployed', async () => {
    const job = freshJob({ decision: { ...estimated(1), container: 'gone' } });
    await expect(stepFunctionsWorkflow(client, arn, containers, jobDefinitions).start(job)).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'NoSuchContainer',
    });
    expect(await executionsOf(job)).toEqual([]);
  });

  it.each([
    ['twice as much', 1000, '1000', '2000'],
    ['all there is', 5000, '5000', '8192'],
    ['no more where there is none', 9000, '8192', '8192'],
  ])('has %s asked for once after a kill for memory', async (_name, expected, memoryMiB, raisedMemoryMiB) => {
    const job = freshJob({ decision: estimated(expected) });
    await stepFunctionsWorkflow(client, arn, containers, jobDefinitions).start(job);
    expect(await executionsOf(job)).toMatchObject([{ input: { memoryMiB, raisedMemoryMiB } }]);
  });

  it.each([
    ['what is expected at most', { decision: estimated(1234.5) }, '1235'],
    ['no less than Node and sharp need', { decision: estimated(10) }, '512'],
    ['more than what was not enough', { decision: estimated(1000), minimumMemoryMiB: 7076 }, '7076'],
    ['no more than a job may have', { decision: estimated(99_999) }, '8192'],
  ])('asks for memory: %s', async (_name, changes, memoryMiB) => {
    const job = freshJob(changes);
    await stepFunctionsWorkflow(client, arn, containers, jobDefinitions).start(job);
    expect(await executionsOf(job)).toMatchObject([{ input: { memoryMiB } }]);
  });
});
