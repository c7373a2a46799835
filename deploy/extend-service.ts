import { ConfigurationError } from '../core/errors.ts';
import { containerTemplate } from './job-definitions.ts';
import type { OslsService } from './osls.ts';
import type { Params } from './params.ts';

type Value = string | Record<string, unknown>;

const environmentValue = (name: string, value: unknown): Value => {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new ConfigurationError(
    `Expected text or a CloudFormation function for ${name} but received ${String(value)}.`,
    {
      code: 'InvalidEnvironment',
    },
  );
};

/** The functions that start executions. */
const starters = ['dispatch', 'process'];

/**
 * Adds to serverless.yml, in memory, what follows from containers/*: job definitions, a parameter for each image, and
 * the variables that functions decide by. Throws what `containerTemplate` throws.
 */
export const extendService = async (service: OslsService, params: Params): Promise<void> => {
  const given = service.provider.environment ?? {};
  const environment = Object.fromEntries(
    Object.entries(given).map(([name, value]): [string, Value] => [name, environmentValue(name, value)]),
  );
  const { prefix, efsFileSystemId } = params;
  const template = await containerTemplate({ prefix, environment, efsFileSystemId });
  service.provider.environment = { ...given, KADAM_CONTAINERS: template.limits };
  for (const name of starters) {
    const starter = service.functions[name];
    if (starter === undefined) continue;
    starter.environment = { ...starter.environment, KADAM_JOB_DEFINITIONS: template.jobDefinitions };
  }
  const { Resources, Parameters } = service.resources ?? {};
  service.resources = {
    ...service.resources,
    Resources: { ...Resources, ...template.resources },
    Parameters: { ...Parameters, ...template.parameters },
  };
};
