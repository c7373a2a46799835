import { programStep } from '../predict/container-step.ts';
import type { Stage } from '../predict/plan.ts';
import { withFile } from './paged-tiff.ts';
import { type ProgramRunner, renderByProgram } from './render-by-program.ts';
import { renderPages } from './render-pages.ts';
import { type Rendered, renderPicture } from './render-picture.ts';
import type { Source } from './sharp-setup.ts';
import { embedExif } from './tiff-exif.ts';
import { bufferBytes, fileBytes } from './tiff-structure.ts';
import { lacksExif, type UploadContext } from './upload-context.ts';

const addExif = (path: string, { exif }: UploadContext): Promise<void> =>
  withFile(path, 'r+', (file) => {
    if (exif === undefined) return undefined;
    if ('block' in exif) return embedExif(file, bufferBytes(exif.block), exif.iptc);
    return withFile(exif.tiffPath, 'r', (upload) => embedExif(file, fileBytes(upload)));
  });

/**
 * Renders one stage from file to file: in one pipeline, or page by page where steps are applied to several; or by the
 * program of a container.
 * Throws InvalidInputError where the upload cannot be decoded or a step cannot be applied to it, CapacityError where
 * the disk or the memory is full, InternalError where the fault is Kadam's.
 */
export const renderStage = async (
  stage: Stage,
  source: Source,
  path: string,
  context: UploadContext,
  runProgram: ProgramRunner,
): Promise<Rendered> => {
  if (programStep(stage.steps) !== undefined) return renderByProgram(stage, source, path, runProgram);
  if (stage.before.pages > 1 && stage.steps.length > 0) return renderPages(stage, source, path);
  const rendered = await renderPicture(stage, source, path, context);
  if (lacksExif(stage)) await addExif(path, context);
  return rendered;
};
