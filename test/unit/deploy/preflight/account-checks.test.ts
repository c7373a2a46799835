import { describe, expect, it } from 'vitest';
import { checkInstanceTypes, type InstanceType } from '../../../../deploy/preflight/instance-types.ts';
import { checkLambdaConcurrency, shareConcurrency } from '../../../../deploy/preflight/lambda-concurrency.ts';
import { checkLambdaMemory } from '../../../../deploy/preflight/lambda-memory.ts';
import { checkRegion } from '../../../../deploy/preflight/region.ts';
import { checkServiceLinkedRoles } from '../../../../deploy/preflight/service-linked-roles.ts';
import { checkVcpuQuotas, isStandard } from '../../../../deploy/preflight/vcpu-quotas.ts';
import { testDeployment } from '../test-deployment.ts';

describe('the region', () => {
  it.each([
    ['opt-in-not-required', 'ok', undefined],
    ['opted-in', 'ok', undefined],
    ['not-opted-in', 'refused', 'aws account enable-region --region-name eu-west-1'],
    [undefined, 'refused', '--region us-east-1'],
  ])('with the status %s is %s', async (optIn, status, wayOut) => {
    const [finding] = await checkRegion(testDeployment(), { optInStatus: async () => optIn }).look();
    expect(finding).toMatchObject({ status, ...(wayOut === undefined ? {} : { wayOut }) });
  });
});

describe("the processing function's memory", () => {
  const look = (memory: number, largest: number | undefined, cap: number | undefined) =>
    checkLambdaMemory(testDeployment({}, { lambdaMemoryMiB: memory }), {
      largestFunctionMiB: async () => largest,
      capFor: async () => cap,
    }).look();

  it('is fine where a function has as much', async () => {
    expect(await look(10_240, 10_240, 3008)).toMatchObject([{ status: 'ok' }]);
  });

  it('is fine up to what every account may have', async () => {
    expect(await look(3008, undefined, undefined)).toMatchObject([{ status: 'ok' }]);
  });

  it('is made smaller where Lambda names a cap', async () => {
    const adjustments = [{ kind: 'lambdaMemory', memoryMiB: 3008 }];
    expect(await look(10_240, 512, 3008)).toMatchObject([{ status: 'adjusted', adjustments }]);
  });

  it('is noted where nothing proves either', async () => {
    const [finding] = await look(10_240, undefined, undefined);
    expect(finding).toMatchObject({ status: 'noted', wayOut: expect.stringContaining('memoryMiB: 3008') });
    expect(finding?.adjustments).toBeUndefined();
  });
});

describe("Lambda's concurrency", () => {
  const look = (unreserved: number) =>
    checkLambdaConcurrency(testDeployment(), { unreservedConcurrency: async () => unreserved }).look();

  it('is fine where there is enough, with two to spare', async () => {
    expect(await look(62)).toMatchObject([{ status: 'ok' }]);
    expect(await look(61)).toMatchObject([{ status: 'adjusted' }]);
  });

  it("is shared out of a new account's ten", async () => {
    const adjustments = [{ kind: 'concurrency', process: 6, dispatch: 2 }];
    expect(await look(10)).toMatchObject([{ status: 'adjusted', adjustments }]);
  });

  it('is refused below what two queues need', async () => {
    expect(await look(6)).toMatchObject([{ status: 'adjusted' }]);
    expect(await look(5)).toMatchObject([{ status: 'refused', wayOut: expect.stringContaining('L-B99A9384') }]);
  });

  it('is shared in the proportion that was asked for, never below two', () => {
    expect(shareConcurrency(30, 50, 10)).toEqual({ process: 25, dispatch: 5 });
    expect(shareConcurrency(4, 999, 2)).toEqual({ process: 2, dispatch: 2 });
  });
});

describe('vCPU quotas', () => {
  const look = (spot: number | undefined, onDemand: number | undefined, params = {}) =>
    checkVcpuQuotas(testDeployment(params), {
      vcpuQuota: async (code) => (code === 'L-34B43A08' ? spot : onDemand),
    }).look();

  it('are fine where they cover maxvCpus', async () => {
    expect(await look(64, 640)).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
  });

  it('bound what Batch starts, each market by itself', async () => {
    expect(await look(32.9, 64)).toMatchObject([
      { status: 'adjusted', adjustments: [{ kind: 'maxvCpus', market: 'spot', maxvCpus: 32 }] },
      { status: 'ok' },
    ]);
  });

  it('without Spot leave On-Demand; without On-Demand a reclaimed job had nowhere to go', async () => {
    expect(await look(5, 64)).toMatchObject([
      { status: 'adjusted', adjustments: [{ kind: 'noSpot' }] },
      { status: 'ok' },
    ]);
    expect(await look(64, 5)).toMatchObject([
      { status: 'ok' },
      { status: 'refused', wayOut: expect.stringContaining('--quota-code L-1216C47A --desired-value 64') },
    ]);
  });

  it('that cannot be read are noted', async () => {
    expect(await look(undefined, 64)).toMatchObject([{ status: 'noted' }, { status: 'ok' }]);
  });

  it('do not matter where maxvCpus holds no job', async () => {
    expect(await look(64, 64, { maxvCpus: 4 })).toMatchObject([{ status: 'refused', wayOut: '--param="maxvCpus=8"' }]);
  });

  it('are of the standard families only', async () => {
    expect(['c7g.2xlarge', 'm7g', 'r6i.large', 'is4gen', 't4g'].map(isStandard)).toEqual(Array(5).fill(true));
    expect(['g5.xlarge', 'p4d', 'inf2', 'trn1', 'x2gd', 'hpc7g', 'f1', 'mac2'].map(isStandard)).toEqual(
      Array(8).fill(false),
    );
    expect(await look(64, 64, { instanceTypes: 'c7g,g5g.2xlarge' })).toMatchObject([{ status: 'noted' }]);
  });
});

describe('instance types', () => {
  const type = (name: string, change: Partial<InstanceType> = {}): InstanceType => ({
    ...{ name, architectures: ['arm64'], vcpus: 8, memoryMiB: 32_768 },
    ...change,
  });
  const look = (types: InstanceType[], params = {}) =>
    checkInstanceTypes(testDeployment(params), { offered: async () => types }).look();

  it('are fine where the region has them all', async () => {
    expect(await look([type('c7g.2xlarge'), type('m7g.2xlarge')])).toMatchObject([{ status: 'ok' }]);
  });

  it('are asked for by name, and families by pattern', async () => {
    const asked: string[] = [];
    const port = {
      offered: async (patterns: readonly string[]) => {
        asked.push(...patterns);
        return [type('c7g.2xlarge'), type('m7g.4xlarge')];
      },
    };
    expect(await checkInstanceTypes(testDeployment({ instanceTypes: 'c7g.2xlarge,m7g' }), port).look()).toMatchObject([
      { status: 'ok' },
    ]);
    expect(asked).toEqual(['c7g.2xlarge', 'm7g.*']);
  });

  it('that the region lacks are left out', async () => {
    const adjustments = [{ kind: 'instanceTypes', types: ['m7g.2xlarge'] }];
    expect(await look([type('m7g.2xlarge')])).toMatchObject([{ status: 'adjusted', adjustments }]);
  });

  it('are refused where none is left', async () => {
    expect(await look([])).toMatchObject([{ status: 'refused' }]);
  });

  it('of the other processor are refused', async () => {
    const [finding] = await look([type('c7g.2xlarge'), type('m7g.2xlarge', { architectures: ['x86_64'] })]);
    expect(finding).toMatchObject({ status: 'refused', found: 'm7g.2xlarge: no arm64 processors' });
  });

  it('that hold no job are refused', async () => {
    expect(await look([type('c7g.2xlarge', { memoryMiB: 30_100 })])).toMatchObject([{ status: 'refused' }]);
    expect(await look([type('c7g.2xlarge', { vcpus: 4 })])).toMatchObject([{ status: 'refused' }]);
  });
});

describe('service-linked roles', () => {
  it('that are missing are made', async () => {
    const check = checkServiceLinkedRoles({ hasRole: async (name) => name !== 'AWSServiceRoleForEC2Spot' });
    const adjustments = [
      { kind: 'serviceLinkedRole', role: 'AWSServiceRoleForEC2Spot', service: 'spot.amazonaws.com' },
    ];
    expect(await check.look()).toMatchObject([{ status: 'adjusted', adjustments }]);
  });

  it('that are there are fine', async () => {
    expect(await checkServiceLinkedRoles({ hasRole: async () => true }).look()).toMatchObject([{ status: 'ok' }]);
  });
});
