import { InternalError } from '../../core/errors.ts';
import type { OslsService } from '../osls.ts';
import type { Adjustment, Market } from './finding.ts';

const memoryVariable = 'KADAM_LAMBDA_MEMORY_MIB';
const environmentIds: Record<Market, string> = { spot: 'SpotEnvironment', onDemand: 'OnDemandEnvironment' };

const nothingToAdjust = (what: string): InternalError =>
  new InternalError(`Expected ${what} in serverless.yml but it is not there, so it could not be adjusted.`, {
    code: 'NothingToAdjust',
  });

/** `limits.lambda.memoryMiB`, the function's size and the variable that routing decides by are one value. */
const setMemory = (service: OslsService, memoryMiB: number): void => {
  const { process } = service.functions;
  const limits = service.custom?.limits?.lambda;
  const environments = [
    service.provider.environment,
    ...Object.values(service.functions).map(({ environment }) => environment),
  ].filter((environment) => environment !== undefined && memoryVariable in environment);
  if (process === undefined || limits === undefined || environments.length === 0) {
    throw nothingToAdjust("the processing function's memory");
  }
  process.memorySize = memoryMiB;
  limits.memoryMiB = memoryMiB;
  for (const environment of environments) if (environment !== undefined) environment[memoryVariable] = memoryMiB;
};

const setConcurrency = (service: OslsService, name: 'process' | 'dispatch', maximum: number): void => {
  const queues = (service.functions[name]?.events ?? []).flatMap(({ sqs }) => (sqs === undefined ? [] : [sqs]));
  if (queues.length === 0) throw nothingToAdjust(`the queue of the function ${name}`);
  for (const queue of queues) queue.maximumConcurrency = maximum;
};

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const computeResources = (service: OslsService, market: Market): Record<string, unknown> => {
  const resource = service.resources?.Resources?.[environmentIds[market]];
  const properties = isMap(resource) ? resource.Properties : undefined;
  const resources = isMap(properties) ? properties.ComputeResources : undefined;
  if (!isMap(properties) || !isMap(resources)) throw nothingToAdjust(environmentIds[market]);
  // Copied, because YAML's anchors let two environments be one object.
  const copy = { ...resources };
  properties.ComputeResources = copy;
  return copy;
};

/** Makes a job queue start its jobs in one compute environment. */
const setEnvironment = (service: OslsService, queue: string, environment: string): void => {
  const resource = service.resources?.Resources?.[queue];
  const properties = isMap(resource) ? resource.Properties : undefined;
  if (!isMap(properties)) throw nothingToAdjust(queue);
  properties.ComputeEnvironmentOrder = [{ Order: 1, ComputeEnvironment: { Ref: environment } }];
};

/**
 * Changes serverless.yml in memory, for this deployment alone. Service-linked roles are none of its business. Throws
 * InternalError `NothingToAdjust` where there is no place for a value: it must not be dropped in silence.
 */
export const applyAdjustments = (service: OslsService, adjustments: readonly Adjustment[]): void => {
  for (const adjustment of adjustments) {
    switch (adjustment.kind) {
      case 'lambdaMemory':
        setMemory(service, adjustment.memoryMiB);
        break;
      case 'concurrency':
        setConcurrency(service, 'process', adjustment.process);
        setConcurrency(service, 'dispatch', adjustment.dispatch);
        break;
      case 'maxvCpus':
        computeResources(service, adjustment.market).MaxvCpus = adjustment.maxvCpus;
        break;
      case 'noSpot':
        setEnvironment(service, 'SpotQueue', 'OnDemandEnvironment');
        break;
      case 'instanceTypes':
        for (const market of ['spot', 'onDemand'] as const) {
          computeResources(service, market).InstanceTypes = [...adjustment.types];
        }
        break;
      case 'serviceLinkedRole':
        break;
    }
  }
};
