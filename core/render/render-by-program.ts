import type { Metadata } from 'sharp';
import { InternalError } from '../errors.ts';
import type { ImageState } from '../image/image-state.ts';
import { endOf, neededSteps } from '../predict/cut-pipelines.ts';
import type { Stage } from '../predict/plan.ts';
import { actualState } from './colours.ts';
import type { Rendered } from './render-picture.ts';
import { openPicture, type Source } from './sharp-setup.ts';

/** Runs the program of a stage by its id, and resolves when it has written its file. */
export type ProgramRunner = (stageId: string) => Promise<void>;

/** What later stages rely on. */
const traitsOf = (metadata: Metadata): string => {
  const { format, width, height, channels, depth, orientation = 1, pages = 1 } = metadata;
  return `${format} of ${width} x ${height}, ${channels} channels (${depth}), orientation ${orientation}, ${pages} page`;
};

const writtenTraits = async (path: string, { width, height }: ImageState): Promise<string> => {
  try {
    return traitsOf(
      await openPicture({ kind: 'intermediate', path, width, height, pages: 1, isTiled: false }).metadata(),
    );
  } catch (error) {
    return `a file that cannot be read (${error instanceof Error ? error.message.split('\n')[0] : error})`;
  }
};

/**
 * Renders a stage by its container's program, from an intermediate to an intermediate, and stops where the program has
 * not written what its filter.yml promises: later stages were planned by that.
 * Throws what the program's runner throws, and InternalError `UnexpectedResult`.
 */
export const renderByProgram = async (
  planned: Stage,
  source: Source,
  path: string,
  run: ProgramRunner,
): Promise<Rendered> => {
  const metadata = await openPicture(source).metadata();
  const before = actualState(planned, metadata);
  const after = endOf(neededSteps(planned.steps, before), before);
  await run(planned.id);
  const expected = traitsOf({ ...metadata, width: after.width, height: after.height });
  const written = await writtenTraits(path, after);
  if (written === expected) return { width: after.width, height: after.height };
  throw new InternalError(
    `Expected the program of ${planned.steps.map(({ filter }) => filter).join()} to write a ${expected} but received ` +
      `${written}. Correct the program, or what its filter.yml says.`,
    { code: 'UnexpectedResult' },
  );
};
