import { RegisterJobDefinitionCommand, type SubmitJobCommandInput } from '@aws-sdk/client-batch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { script, startBatch } from './start-batch.ts';

let batch: Awaited<ReturnType<typeof startBatch>>;
beforeAll(async () => {
  batch = await startBatch({ jobDefinitions: [script('noop', '')] });
});
afterAll(() => batch.close());

describe('SubmitJob refuses', () => {
  it.each<[string, Partial<SubmitJobCommandInput> & Record<string, unknown>, string]>([
    [
      'an unknown queue',
      { jobQueue: 'none' },
      'JobQueue arn:aws:batch:us-east-1:000000000000:job-queue/none not found',
    ],
    ['an unknown definition', { jobDefinition: 'none' }, 'JobDefinition none not found'],
    ['an unknown revision', { jobDefinition: 'noop:2' }, 'JobDefinition noop:2 not found'],
    ['a queue’s ARN as a definition', { jobDefinition: 'arn:aws:batch:us-east-1:0:job-queue/jobs' }, 'job-definition'],
    ['a name with a blank', { jobName: 'a b' }, 'jobName'],
    ['arrays', { arrayProperties: { size: 2 } }, 'arrayProperties'],
    ['a time-out under a minute', { timeout: { attemptDurationSeconds: 59 } }, 'timeout.attemptDurationSeconds'],
    ['an unknown dependency', { dependsOn: [{ jobId: 'none' }] }, 'Job none not found'],
    [
      'a command of its own',
      { containerOverrides: { command: ['sh', '-c', 'true'] } },
      'containerOverrides: "command" not supported',
    ],
    [
      'an environment of its own',
      { containerOverrides: { environment: [{ name: 'NODE_OPTIONS', value: '--inspect' }] } },
      'containerOverrides: "environment" not supported',
    ],
    [
      'a resource it does not know',
      { containerOverrides: { resourceRequirements: [{ type: 'GPU', value: '1' }] } },
      'containerOverrides.resourceRequirements.0.type',
    ],
    ['a share of more than letters and digits', { shareIdentifier: 'x-1' }, 'shareIdentifier'],
    [
      'a share, where the definition has no priority',
      { shareIdentifier: 'web' },
      'Either schedulingPriority in job definition or schedulingPriorityOverride is required',
    ],
    ['a field it does not know', { schedulingPriorityOverride: 1 }, 'schedulingPriorityOverride'],
  ])('%s', async (_name, fields, message) => {
    await expect(batch.submit('noop', fields)).rejects.toMatchObject({
      name: 'ClientException',
      message: expect.stringContaining(message),
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('other requests', () => {
  it('of more than 30 KiB are refused', async () => {
    await expect(batch.submit('noop', { parameters: { long: 'x'.repeat(31_000) } })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      message: 'Request is larger than 30 KiB',
    });
  });

  it('that are not there are refused by name', async () => {
    const command = new RegisterJobDefinitionCommand({ jobDefinitionName: 'x', type: 'container' });
    await expect(batch.client.send(command)).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });

  it('takes the queue and the definition by ARN too', async () => {
    const jobId = await batch.submit('noop', {
      jobQueue: 'arn:aws:batch:us-east-1:000000000000:job-queue/jobs',
      jobDefinition: 'arn:aws:batch:us-east-1:000000000000:job-definition/noop:1',
    });
    expect(await batch.jobEnd(jobId)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
