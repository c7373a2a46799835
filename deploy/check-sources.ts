import { fileURLToPath } from 'node:url';
import { containerNames, readJobFile, repository } from '../aws/job-file.ts';
import { ConfigurationError } from '../core/errors.ts';
import { readContainerFilters } from '../core/filters/read-container-filters.ts';
import { readCatalogue } from '../core/recipe/read-catalogue.ts';
import type { Params } from './params.ts';

/** What the operating system of a machine and the images of containers take of its disk, generously. */
const systemGiB = 20;

/** What a container promises of its machines that these params do not give. */
const shortcomings = async (container: string, { scratchGiB, maxvCpus }: Params): Promise<string[]> => {
  const { diskMiB, vcpus } = await readJobFile(container);
  const file = `containers/${container}/job.yml`;
  const leastGiB = Math.ceil(diskMiB / 1024) + systemGiB;
  return [
    ...(scratchGiB < leastGiB
      ? [
          `scratchGiB: ${file} promises ${diskMiB} MiB of disk, for which it has to be at least ${leastGiB}, got ${scratchGiB}`,
        ]
      : []),
    ...(maxvCpus < vcpus ? [`maxvCpus: a job of ${file} takes ${vcpus}, got ${maxvCpus}`] : []),
  ];
};

/**
 * Reads what a deployment carries as it will be read there: the recipes, their rules, and the containers. A fault of
 * theirs would show at the first upload otherwise. Throws ConfigurationError: what `readCatalogue`,
 * `readContainerFilters` and `readJobFile` throw, and `InvalidParams` where machines do not hold what jobs are promised.
 */
export const checkSources = async (params: Params): Promise<void> => {
  const path = (folder: string) => fileURLToPath(new URL(folder, repository));
  await readCatalogue(path('recipes'), await readContainerFilters(path('.')));
  const faults = (await Promise.all((await containerNames()).map((name) => shortcomings(name, params)))).flat();
  if (faults.length === 0) return;
  throw new ConfigurationError(
    `Expected params that hold what containers promise but received:\n${faults.map((fault) => `  ${fault}`).join('\n')}\n` +
      'Change the params, or the job.yml.',
    { code: 'InvalidParams' },
  );
};
