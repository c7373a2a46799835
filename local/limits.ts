import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { parse } from 'yaml';
import * as z from 'zod';
import { readJobFile, repository } from '../aws/job-file.ts';
import { mibPerVcpu } from '../aws/settings.ts';
import type { RoutingLimits } from '../core/route/limits.ts';

const deploymentSchema = z.looseObject({
  custom: z.looseObject({
    limits: z.strictObject({
      lambda: z.strictObject({ timeoutSeconds: z.number(), memoryMiB: z.number(), diskMiB: z.number() }),
      margin: z.number(),
    }),
  }),
});

/** What the deployment gives its workers: `custom.limits` of serverless.yml, and the container's job.yml. */
export const deployedLimits = async (): Promise<RoutingLimits> => {
  const text = await readFile(new URL('serverless.yml', repository), 'utf8');
  const { lambda, margin } = deploymentSchema.parse(parse(text)).custom.limits;
  const { timeoutSeconds, maxMemoryMiB, diskMiB, vcpus } = await readJobFile('filter');
  return {
    lambda: { ...lambda, vcpus: lambda.memoryMiB / mibPerVcpu },
    batch: { timeoutSeconds, memoryMiB: maxMemoryMiB, diskMiB, vcpus },
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
  const { lambda, batch, margin } = await deployedLimits();
  const machineMiB = Math.floor(totalmem() / 1024 / 1024);
  return {
    lambda: {
      ...lambda,
      timeoutSeconds: lambdaSeconds ?? lambda.timeoutSeconds,
      memoryMiB: Math.min(localVcpus * mibPerVcpu, machineMiB),
      vcpus: localVcpus,
    },
    batch: {
      ...batch,
      memoryMiB: Math.min(batch.memoryMiB, machineMiB),
      vcpus: Math.min(batch.vcpus, availableParallelism()),
    },
    margin,
  };
};
