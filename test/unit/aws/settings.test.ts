import { describe, expect, it } from 'vitest';
import { limitNames, readSettings, routingLimits } from '../../../aws/settings.ts';

describe('readSettings', () => {
  it('reads text and numbers', () => {
    const environment = { KADAM_JOBS_TABLE: 'jobs', KADAM_MARGIN: '0.1', OTHER: 'x' };
    expect(readSettings(environment, ['KADAM_JOBS_TABLE', 'KADAM_MARGIN'])).toEqual({
      KADAM_JOBS_TABLE: 'jobs',
      KADAM_MARGIN: 0.1,
    });
  });

  it('reports every fault at once, and counts an empty variable as unset', () => {
    const environment = { KADAM_JOBS_TABLE: '', KADAM_MARGIN: 'ten', KADAM_LEASE_SECONDS: '-1' };
    const read = () => readSettings(environment, ['KADAM_JOBS_TABLE', 'KADAM_MARGIN', 'KADAM_LEASE_SECONDS']);
    expect(read).toThrow(/KADAM_JOBS_TABLE: expected the jobs table's name but received nothing/);
    expect(read).toThrow(/KADAM_MARGIN: expected the share .* but received ten/);
    expect(read).toThrow(/KADAM_LEASE_SECONDS: .* but received -1/);
  });

  it.each([
    ['no JSON', 'filter'],
    ['no filter among them', '{"painting":{"timeoutSeconds":1,"memoryMiB":1,"diskMiB":1,"vcpus":1}}'],
    ['a limit that is missing', '{"filter":{"timeoutSeconds":1,"memoryMiB":1,"diskMiB":1}}'],
    ['a limit of nothing', '{"filter":{"timeoutSeconds":1,"memoryMiB":1,"diskMiB":1,"vcpus":0}}'],
    ['a limit that nobody knows', '{"filter":{"timeoutSeconds":1,"memoryMiB":1,"diskMiB":1,"vcpus":1,"gpus":1}}'],
  ])('refuses containers with %s', (_, received) => {
    const read = () => readSettings({ KADAM_CONTAINERS: received }, ['KADAM_CONTAINERS']);
    expect(read).toThrow(`KADAM_CONTAINERS: expected what each container may use on Batch as JSON`);
    expect(read).toThrow(`but received ${received}`);
  });

  it("reads the containers' job definitions", () => {
    const environment = { KADAM_JOB_DEFINITIONS: '{"filter":"arn:1","painting":"arn:2"}' };
    expect(readSettings(environment, ['KADAM_JOB_DEFINITIONS'])).toEqual({
      KADAM_JOB_DEFINITIONS: { filter: 'arn:1', painting: 'arn:2' },
    });
  });
});

describe('routingLimits', () => {
  it('gives a function the vCPUs that its memory brings, and containers what they were given', () => {
    const numbers = Object.fromEntries(limitNames.map((name) => [name, '3538']));
    const containers = { filter: { timeoutSeconds: 60, memoryMiB: 8192, diskMiB: 1024, vcpus: 8 } };
    const settings = readSettings({ ...numbers, KADAM_CONTAINERS: JSON.stringify(containers) }, limitNames);
    expect(routingLimits(settings).lambda.vcpus).toBe(2);
    expect(routingLimits(settings).containers).toEqual(containers);
  });
});
