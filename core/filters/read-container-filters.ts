import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collect } from '../collect.ts';
import { ConfigurationError } from '../errors.ts';
import type { ContainerFilter } from './container-filter.ts';
import { parseFilterFile } from './parse-filter-file.ts';

/** The text of a file, or undefined where there is none. */
const textOf = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const assertDistinct = (filters: readonly ContainerFilter[]): void => {
  // Not by Map.groupBy: `sls` reads filters as well, on the Node 20 that a machine may have.
  const told = [...new Set(filters.map(({ name }) => name))].flatMap((name) => {
    const same = filters.filter((filter) => filter.name === name).map(({ container }) => container);
    return same.length > 1 ? [`'${name}' of the containers ${same.join(', ')}`] : [];
  });
  if (told.length === 0) return;
  throw new ConfigurationError(
    `Expected each filter's name once but received ${told.join('; ')}. Rename all but one.`,
    {
      code: 'InvalidFilterFile',
    },
  );
};

/**
 * Reads the filters that containers bring along: `folder`/containers/<name>/filter.yml, of those that have one, in the
 * order of their folders. A bundle without any has no folder containers/ at all.
 * Throws ConfigurationError `InvalidFilterFile` with the faults of all files at once.
 */
export const readContainerFilters = async (folder: string): Promise<ContainerFilter[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const hasContainers = entries.some((entry) => entry.name === 'containers' && entry.isDirectory());
  const names = hasContainers ? (await readdir(join(folder, 'containers'))).sort() : [];
  const found = await Promise.all(
    names.map(async (container) => {
      const file = `containers/${container}/filter.yml`;
      return { container, file, text: await textOf(join(folder, file)) };
    }),
  );
  const filters = collect(
    found.flatMap(({ container, file, text }) =>
      text === undefined ? [] : [() => parseFilterFile(text, { file, container, folder })],
    ),
  );
  assertDistinct(filters);
  return filters;
};
