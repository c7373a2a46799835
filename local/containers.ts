import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { containerNames, type JobFile, readJobFile, repository } from '../aws/job-file.ts';
import type { RoutingLimits } from '../core/route/limits.ts';
import type { JobDefinition } from './batch/submit-job.ts';
import { jobDefinitionArn } from './names.ts';

/** The containers of a deployment: the folder that holds containers/, and what each one's job.yml says. */
export type Containers = { folder: string; jobs: Readonly<Record<string, JobFile>> };

/** The containers of this repository. Throws ConfigurationError `InvalidJobFile`. */
export const readContainers = async (): Promise<Containers> => {
  const jobs = await Promise.all(
    (await containerNames()).map(async (name): Promise<[string, JobFile]> => [name, await readJobFile(name)]),
  );
  return { folder: fileURLToPath(repository), jobs: Object.fromEntries(jobs) };
};

/** The containers' job definitions: none asks for more vCPUs than this machine has cores, or it would wait for ever. */
export const localJobDefinitions = ({ folder, jobs }: Containers, { containers }: RoutingLimits): JobDefinition[] =>
  Object.entries(jobs).map(([name, job]) => ({
    ...job,
    image: resolve(folder, job.image),
    // As in the deployment (deploy/job-definitions.ts): jobs that name a share need one.
    schedulingPriority: 0,
    vcpus: Math.min(job.vcpus, containers[name]?.vcpus ?? 1),
  }));

/** The ARN of each container's job definition: the embedded Batch has one revision of each. */
export const localJobDefinitionArns = ({ jobs }: Containers): Record<string, string> =>
  Object.fromEntries(Object.entries(jobs).map(([container, { name }]) => [container, jobDefinitionArn(name, 1)]));
