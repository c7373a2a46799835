import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { parse } from 'yaml';
import * as z from 'zod';
import { containerNames, readJobFile, repository } from '../aws/job-file.ts';
import { mibPerVcpu } from '../aws/settings.ts';
import type { RoutingLimits, WorkerLimits } from '../core/route/limits.ts';

const deploymentSchema = z.looseObject({
  custom: z.looseObject({
    limits: z.strictObject({
      lambda: z.strictObject({ timeoutSeconds: z.number(), memoryMiB: z.number(), diskMiB: z.number() }),
      margin: z.number(),
    }),
  }),
});

/** What each container's job.yml lets it use. */
const readContainerLimits = async (): Promise<Record<string, WorkerLimits>> => {
  const names = await containerNames();
  const limits = await Promise.all(
    names.map(async (name): Promise<[string, WorkerLimits]> => {
      const { timeoutSeconds, maxMemoryMiB, diskMiB, vcpus } = await readJobFile(name);
      return [name, { timeoutSeconds, memoryMiB: maxMemoryMiB, diskMiB, vcpus }];
    }),
  );
  return Object.fromEntries(limits);
};

/** What the deployment gives its workers: `custom.limits` of serverless.yml, and the containers' job.yml. */
export const deployedLimits = async (): Promise<RoutingLimits> => {
  const text = await readFile(new URL('serverless.yml', repository), 'utf8');
  // CloudFormation's tags (!GetAtt) are nothing that a reader of the limits has to know.
  const { lambda, margin } = deploymentSchema.parse(parse(text, { logLevel: 'error' })).custom.limits;
  return {
    lambda: { ...lambda, vcpus: lambda.memoryMiB / mibPerVcpu },
    containers: await readContainerLimits(),
    margin,
  };
};

/** vCPUs of the embedded cloud's function: the same on every machine, so that the demo decides alike everywhere. */
const localVcpus = 2;

/**
 * The embedded cloud's limits: the deployed ones, but with a function of two vCPUs, and no more memory and cores for
 * jobs than this machine has. `lambdaSeconds` shortens the function's time-out, so that both ways can be seen.
 */
export const localLimits = async (lambdaSeconds?: number): Promise<RoutingLimits> => {
  const { lambda, containers, margin } = await deployedLimits();
  const machineMiB = Math.floor(totalmem() / 1024 / 1024);
  return {
    lambda: {
      ...lambda,
      timeoutSeconds: lambdaSeconds ?? lambda.timeoutSeconds,
      memoryMiB: Math.min(localVcpus * mibPerVcpu, machineMiB),
      vcpus: localVcpus,
    },
    containers: Object.fromEntries(
      Object.entries(containers).map(([name, container]) => [
        name,
        {
          ...container,
          memoryMiB: Math.min(container.memoryMiB, machineMiB),
          vcpus: Math.min(container.vcpus, availableParallelism()),
        },
      ]),
    ),
    margin,
  };
};
