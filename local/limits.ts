import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { parse } from 'yaml';
import * as z from 'zod';
import { mibPerVcpu } from '../aws/settings.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import { readJobFile, repository } from './read-job-file.ts';

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

/**
 * The deployed limits as far as this machine can keep them: no more vCPUs than it has cores, no more memory than it
 * has. `lambdaSeconds` shortens the function's time-out, so that both ways can be seen in seconds.
 */
export const localLimits = async (lambdaSeconds?: number): Promise<RoutingLimits> => {
  const { lambda, batch, margin } = await deployedLimits();
  const cores = availableParallelism();
  const machineMiB = Math.floor(totalmem() / 1024 / 1024);
  const memoryMiB = Math.min(lambda.memoryMiB, cores * mibPerVcpu, machineMiB);
  return {
    lambda: {
      ...lambda,
      timeoutSeconds: lambdaSeconds ?? lambda.timeoutSeconds,
      memoryMiB,
      vcpus: memoryMiB / mibPerVcpu,
    },
    batch: { ...batch, memoryMiB: Math.min(batch.memoryMiB, machineMiB), vcpus: Math.min(batch.vcpus, cores) },
    margin,
  };
};
