import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../core/errors.ts';
import { extendService } from '../../../deploy/extend-service.ts';
import type { OslsService } from '../../../deploy/osls.ts';
import { packagingEnvironment } from '../../../deploy/packaging-environment.ts';
import { testDeployment } from './test-deployment.ts';

describe('packaging', () => {
  it("installs the target's binaries", () => {
    expect(packagingEnvironment('arm64')).toEqual({
      npm_config_os: 'linux',
      npm_config_cpu: 'arm64',
      npm_config_libc: 'glibc',
    });
    expect(packagingEnvironment('x86_64').npm_config_cpu).toBe('x64');
  });
});

describe('serverless.yml', () => {
  const { params } = testDeployment();
  const functions = () => ({ dispatch: { name: 'd' }, process: { name: 'p' }, settle: { name: 's' } });

  it('gets the containers: job definitions, parameters and variables', async () => {
    const service: OslsService = {
      provider: { environment: { KADAM_LAMBDA_MEMORY_MIB: 10_240, KADAM_JOBS_TABLE: { Ref: 'JobsTable' } } },
      functions: functions(),
      resources: { Resources: { JobsTable: {} }, Parameters: { Other: {} } },
    };
    await extendService(service, params);
    expect(Object.keys(service.resources?.Resources ?? {})).toEqual(
      expect.arrayContaining(['JobsTable', 'FilterJobDefinition']),
    );
    expect(service.resources?.Parameters).toMatchObject({ Other: {}, FilterImageUri: { Default: 'not-built' } });
    expect(JSON.parse(String(service.provider.environment?.KADAM_CONTAINERS))).toHaveProperty('filter.vcpus');
    expect(service.functions.dispatch?.environment).toHaveProperty('KADAM_JOB_DEFINITIONS');
    expect(service.functions.process?.environment).toHaveProperty('KADAM_JOB_DEFINITIONS');
    expect(service.functions.settle?.environment).toBeUndefined();
  });

  it('whose environment holds something else is refused', async () => {
    const service: OslsService = { provider: { environment: { KADAM_X: true } }, functions: functions() };
    await expect(extendService(service, params)).rejects.toThrow(ConfigurationError);
  });
});
