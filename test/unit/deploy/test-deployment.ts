import { deployedNames } from '../../../deploy/deployed-names.ts';
import { parseParams } from '../../../deploy/params.ts';
import type { Deployment } from '../../../deploy/preflight/finding.ts';
import { defaultParams } from './default-params.ts';

/** A deployment of the stage `dev`, with other params and facts where they are given. */
export const testDeployment = (
  params: Record<string, unknown> = {},
  facts: Partial<Omit<Deployment, 'params'>> = {},
): Deployment => {
  const place = { stage: 'dev', account: '123456789012', region: 'eu-west-1' };
  const parsed = parseParams({ ...defaultParams, ...params }, 'dev');
  return {
    ...place,
    params: parsed,
    partition: 'aws',
    names: deployedNames({ ...place, prefix: parsed.prefix, containers: ['filter'] }),
    lambdaMemoryMiB: 10_240,
    containers: [{ container: 'filter', vcpus: 8, memoryMiB: 30_000 }],
    ...facts,
  };
};
