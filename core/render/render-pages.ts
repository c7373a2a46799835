import { rmSync } from 'node:fs';
import type { ImageState } from '../image/image-state.ts';
import type { Stage } from '../predict/plan.ts';
import { explainFailure } from './explain-failure.ts';
import { appendPage, beginPagedTiff, type PagedTiff, pagesOf, withFile } from './paged-tiff.ts';
import { type Rendered, renderPicture } from './render-picture.ts';
import type { Source } from './sharp-setup.ts';

const onePage = (picture: ImageState): ImageState => ({ ...picture, pages: 1 });

/** The stage as it is for each of its pages. */
const stageOfPage = (stage: Stage): Stage => ({
  ...stage,
  before: onePage(stage.before),
  after: onePage(stage.after),
  steps: stage.steps.map((step) => ({ ...step, before: onePage(step.before), after: onePage(step.after) })),
});

/** Copies one page of an intermediate to a file of its own. */
const takeOut = (roll: number, page: number, path: string): Promise<void> =>
  withFile(path, 'w', (file) => appendPage(beginPagedTiff(file), roll, page));

/** Adds a file's one page to an intermediate. */
const putIn = (roll: PagedTiff, path: string): Promise<void> =>
  withFile(path, 'r', (file) => {
    for (const page of pagesOf(file)) appendPage(roll, file, page);
  });

/**
 * Renders a stage page by page, from an intermediate to the next one: no page sees its neighbours' pixels, and only one
 * of them is in memory. Throws what rendering a picture throws.
 */
export const renderPages = async (stage: Stage, source: Source, path: string): Promise<Rendered> => {
  const single = stageOfPage(stage);
  const [before, after] = [`${path}.before`, `${path}.after`];
  let rendered: Rendered = stage.after;
  try {
    await withFile(source.path, 'r', (input) =>
      withFile(path, 'w', async (output) => {
        const roll = beginPagedTiff(output);
        for (const page of pagesOf(input)) {
          await takeOut(input, page, before);
          rendered = await renderPicture(single, { ...source, path: before, pages: 1 }, after, { isPage: true });
          await putIn(roll, after);
          // A file that is overwritten would be forced out to the disk first.
          for (const file of [before, after]) rmSync(file);
        }
      }),
    );
  } catch (error) {
    throw await explainFailure(error, stage.id, source);
  }
  return rendered;
};
