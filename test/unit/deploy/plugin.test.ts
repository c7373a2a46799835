import { afterEach, describe, expect, it } from 'vitest';
import type { Osls, OslsService } from '../../../deploy/osls.ts';
import { KadamPlugin } from '../../../deploy/plugin.ts';
import { defaultParams } from './default-params.ts';

const start = (command: string, options: Record<string, unknown> = {}) => {
  const service: OslsService = {
    provider: { environment: {} },
    functions: { dispatch: { name: 'd' }, process: { name: 'p' } },
  };
  const osls: Osls = {
    service,
    configurationInput: { params: { default: defaultParams } },
    processedInput: { commands: command.split(' '), options },
    getProvider: () => ({
      getStage: () => 'dev',
      getRegion: () => 'eu-west-1',
      getAwsSdkV3Config: () => Promise.reject(new Error('nobody asks AWS')),
      naming: { getStackName: () => 'kadam-dev' },
    }),
    classes: {
      Error: class extends Error {
        readonly code: string;
        constructor(message: string, code: string) {
          super(message);
          this.code = code;
        }
      },
    },
  };
  const warned: string[] = [];
  const log = { notice: () => undefined, info: () => undefined, warning: (text: string) => void warned.push(text) };
  const { hooks } = new KadamPlugin(osls, {}, { log, writeText: () => undefined });
  return { service, warned, run: (hook: string, error?: unknown) => hooks[hook]?.(error) };
};

describe('the plugin', () => {
  const npm = ['npm_config_os', 'npm_config_cpu', 'npm_config_libc'];
  const before = npm.map((name) => process.env[name]);
  afterEach(() => {
    for (const [index, name] of npm.entries()) {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('packages without AWS: containers are added, and npm installs for the target', async () => {
    const { service, run } = start('package', { param: ['architecture=x86_64'] });
    await run('initialize');
    expect(service.resources?.Resources).toHaveProperty('FilterJobDefinition');
    expect(npm.map((name) => process.env[name])).toEqual(['linux', 'x64', 'glibc']);
  });

  it('leaves other commands alone', async () => {
    const { service, run } = start('info');
    await run('initialize');
    expect(service.resources).toBeUndefined();
  });

  it("gives its own errors as osls's, which are printed without a stack", async () => {
    const { run } = start('package', { param: ['architecture=arm'] });
    await expect(run('initialize')).rejects.toMatchObject({ code: 'InvalidParams' });
  });

  it("explains Lambda's refusal of a new account", async () => {
    const { warned, run } = start('deploy');
    await run(
      'error',
      new Error(
        "ProcessLambdaFunction - 'MemorySize' value failed to satisfy constraint: Member must have value less\nthan or equal to 1",
      ),
    );
    expect(warned).toEqual([]);
    const refusal =
      "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008 (Service: Lambda)";
    await run('error', new Error(refusal));
    expect(warned).toEqual([expect.stringContaining('custom.limits.lambda.memoryMiB: 3008 in serverless.yml')]);
  });
});
