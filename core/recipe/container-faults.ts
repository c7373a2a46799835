import type { ContainerFilter } from '../filters/container-filter.ts';
import type { Recipe, Step } from './recipe.ts';

/** A fault of a whole recipe: where it is, and `expected X, got Y`. */
export type RecipeFault = { path: PropertyKey[]; message: string };

type Steps = { path: PropertyKey[]; steps: readonly Step[] };

/**
 * What recipes cannot ask of the filters that containers bring along: two containers for one job, a job that runs on
 * Lambda, and outputs with the upload's metadata, of which a program hands on the pixels alone.
 */
export const containerFaults = (
  { steps, outputs, runOn }: Pick<Recipe, 'steps' | 'outputs' | 'runOn'>,
  containerFilters: readonly ContainerFilter[],
): RecipeFault[] => {
  const lists: Steps[] = [
    { path: ['steps'], steps },
    ...outputs.map((output, index) => ({ path: ['outputs', index, 'steps'], steps: output.steps })),
  ];
  const used = lists.flatMap((list) =>
    list.steps.flatMap(({ filter }, index) => {
      const found = containerFilters.find(({ name }) => name === filter);
      return found ? [{ ...found, path: [...list.path, index], isShared: list.path[0] === 'steps' }] : [];
    }),
  );
  const [first] = used;
  if (first === undefined) return [];
  const { name, container } = first;
  const others = used
    .filter((other) => other.container !== container)
    .map((other) => ({
      path: other.path,
      message:
        `expected steps of one container, got ${other.name} of ${other.container} beside ${name} of ${container} ` +
        '(a job runs in one container: make two recipes)',
    }));
  const pinned =
    runOn === 'lambda'
      ? [
          {
            path: ['runOn'],
            message: `expected batch with the step ${name} of the container ${container}, got "lambda"`,
          },
        ]
      : [];
  const kept = outputs.flatMap((output, index) => {
    const program = used.find(({ isShared, path }) => isShared || path[1] === index);
    if (output.metadata !== 'keep' || program === undefined) return [];
    const message = `expected strip with the step ${program.name}, whose program hands on pixels alone, got "keep"`;
    return [{ path: ['outputs', index, 'metadata'], message }];
  });
  return [...others, ...pinned, ...kept];
};
