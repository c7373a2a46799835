import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { paramNames, parseParams, readParams } from '../../../deploy/params.ts';
import { defaultParams } from './default-params.ts';

const serverless = z.looseObject({ params: z.looseObject({ default: z.record(z.string(), z.unknown()) }) }).parse(
  parse(readFileSync(new URL('../../../serverless.yml', import.meta.url), 'utf8'), {
    logLevel: 'silent',
  }),
);

describe('params', () => {
  it('are those of serverless.yml', () => {
    expect(Object.keys(serverless.params.default).sort()).toEqual([...paramNames].sort());
  });

  it('have defaults that pass', () => {
    const given = { ...serverless.params.default, instanceTypes: 'c7g.2xlarge' };
    expect(parseParams(given, 'dev')).toMatchObject({
      architecture: 'arm64',
      network: 'public',
      processConcurrency: 50,
    });
  });

  it('take numbers as text, and lists with spaces', () => {
    const params = parseParams({ ...defaultParams, maxvCpus: '256', instanceTypes: 'c7g.2xlarge, m7g' }, 'dev');
    expect(params).toMatchObject({ maxvCpus: 256, instanceTypes: ['c7g.2xlarge', 'm7g'] });
  });

  it('are refused with every fault at once', () => {
    const wrong = { ...defaultParams, architecture: 'arm', maxvCpus: 'many', logRetentionDays: 31, maxVcpus: 8 };
    expect(() => parseParams(wrong, 'dev')).toThrow(
      /architecture: expected one of 'arm64', 'x86_64', got "arm".*maxvCpus: expected a number, got "many".*logRetentionDays: expected one of the days.*got "maxVcpus" \(did you mean 'maxvCpus'\?\)/s,
    );
  });

  it.each([
    [{ input: 'existing' }, /inputBucket: expected a bucket's name with input=existing, got nothing/],
    [{ inputBucket: 'my-pictures' }, /did you mean input=existing/],
    [{ network: 'existing' }, /vpcId: expected a VPC.*subnetIds: expected subnets/s],
    [{ vpcId: 'vpc-01234567' }, /network: expected 'existing'/],
    [{ encryption: 'kms' }, /kmsKeyArn: expected a key's ARN/],
    [{ kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/abc' }, /encryption: expected 'kms'/],
    [{ instanceTypes: ' , ' }, /instanceTypes: expected at least one/],
    [{ instanceTypes: 'c7g.2xlarge;m7g' }, /instanceTypes: expected instance types or families/],
    [{ processConcurrency: 1 }, /processConcurrency: expected at least 2, got 1/],
    [{ dailyDollars: 'much' }, /dailyDollars: expected dollars above 0/],
    [{ dailyDollars: 0 }, /dailyDollars: expected dollars above 0/],
    [{ kmsKeyArn: 'alias/mine' }, /kmsKeyArn: expected the ARN of a key/],
  ])('refuse %j', (change, fault) => {
    expect(() => parseParams({ ...defaultParams, ...change }, 'dev')).toThrow(fault);
  });

  it("are the command line's before the stage's before the default's", () => {
    const params = { default: defaultParams, prod: { maxvCpus: 512, scratchGiB: 300 }, dev: { maxvCpus: 8 } };
    const read = readParams('prod', params, ['maxvCpus=1024', 'alarmEmail=a=b@example.org']);
    expect(read).toMatchObject({ maxvCpus: 1024, scratchGiB: 300, alarmEmail: 'a=b@example.org' });
  });
});
