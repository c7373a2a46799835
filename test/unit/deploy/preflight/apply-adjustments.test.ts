import { describe, expect, it } from 'vitest';
import type { OslsService } from '../../../../deploy/osls.ts';
import { applyAdjustments } from '../../../../deploy/preflight/apply-adjustments.ts';
import type { Adjustment } from '../../../../deploy/preflight/finding.ts';

const testService = () => {
  const compute = { MaxvCpus: 64, InstanceTypes: { 'Fn::Split': [',', 'c7g,m7g'] } };
  const environment = () => ({ Type: 'AWS::Batch::ComputeEnvironment', Properties: { ComputeResources: compute } });
  return {
    provider: { environment: { KADAM_LAMBDA_MEMORY_MIB: 10_240, KADAM_MARGIN: '0.1' } },
    custom: { limits: { lambda: { memoryMiB: 10_240 } } },
    functions: {
      dispatch: { name: 'd', memorySize: 512, events: [{ sqs: { maximumConcurrency: 10 } }] },
      process: { name: 'p', memorySize: 10_240, events: [{ sqs: { maximumConcurrency: 50 } }] },
    },
    resources: { Resources: { SpotEnvironment: environment(), OnDemandEnvironment: environment() } },
  } satisfies OslsService;
};

describe('adjustments', () => {
  it("keep the function's memory, its limits and what routing decides by one value", () => {
    const service = testService();
    applyAdjustments(service, [{ kind: 'lambdaMemory', memoryMiB: 3008 }]);
    expect(service.functions.process.memorySize).toBe(3008);
    expect(service.custom.limits.lambda.memoryMiB).toBe(3008);
    expect(service.provider.environment).toEqual({ KADAM_LAMBDA_MEMORY_MIB: 3008, KADAM_MARGIN: '0.1' });
    expect(service.functions.dispatch.memorySize).toBe(512);
  });

  it('share the concurrency', () => {
    const service = testService();
    applyAdjustments(service, [{ kind: 'concurrency', process: 6, dispatch: 2 }]);
    expect(service.functions.process.events).toEqual([{ sqs: { maximumConcurrency: 6 } }]);
    expect(service.functions.dispatch.events).toEqual([{ sqs: { maximumConcurrency: 2 } }]);
  });

  it('bound one market without the other, though both were written as one', () => {
    const service = testService();
    applyAdjustments(service, [{ kind: 'maxvCpus', market: 'spot', maxvCpus: 32 }]);
    const { SpotEnvironment, OnDemandEnvironment } = service.resources.Resources;
    expect(SpotEnvironment.Properties.ComputeResources.MaxvCpus).toBe(32);
    expect(OnDemandEnvironment.Properties.ComputeResources.MaxvCpus).toBe(64);
  });

  it('send every job to On-Demand where there is no Spot', () => {
    const queue = {
      Properties: { ComputeEnvironmentOrder: [{ Order: 1, ComputeEnvironment: { Ref: 'SpotEnvironment' } }] },
    };
    const service = { provider: {}, functions: {}, resources: { Resources: { SpotQueue: queue } } };
    applyAdjustments(service, [{ kind: 'noSpot' }]);
    expect(queue.Properties.ComputeEnvironmentOrder).toEqual([
      { Order: 1, ComputeEnvironment: { Ref: 'OnDemandEnvironment' } },
    ]);
  });

  it('leave out instance types of both', () => {
    const service = testService();
    applyAdjustments(service, [{ kind: 'instanceTypes', types: ['m7g'] }]);
    for (const { Properties } of Object.values(service.resources.Resources)) {
      expect(Properties.ComputeResources.InstanceTypes).toEqual(['m7g']);
    }
  });

  it('are never dropped in silence', () => {
    const bare: OslsService = { provider: {}, functions: {} };
    const adjustments: Adjustment[] = [
      { kind: 'lambdaMemory', memoryMiB: 3008 },
      { kind: 'concurrency', process: 2, dispatch: 2 },
      { kind: 'maxvCpus', market: 'spot', maxvCpus: 8 },
      { kind: 'noSpot' },
      { kind: 'instanceTypes', types: ['m7g'] },
    ];
    for (const adjustment of adjustments) {
      expect(() => applyAdjustments(bare, [adjustment]), adjustment.kind).toThrow(/could not be adjusted/);
    }
  });
});
