import type { Metadata, OutputInfo, Sharp } from 'sharp';
import { InternalError, InvalidInputError } from '../errors.ts';
import { findFilter } from '../filters/registry.ts';
import type { EncodedPicture } from '../formats/format.ts';
import { findFormat } from '../formats/registry.ts';
import { endOf, neededSteps } from '../predict/cut-pipelines.ts';
import type { Stage } from '../predict/plan.ts';
import { actualState, withColours } from './colours.ts';
import { explainFailure } from './explain-failure.ts';
import { asIntermediate } from './intermediate.ts';
import { openPicture, type Source } from './sharp-setup.ts';
import type { UploadContext } from './upload-context.ts';

/** What was written: the size of one page. */
export type Rendered = { width: number; height: number };

/** What a pipeline is part of: what the upload says, and whether it renders one page of several. */
export type Context = UploadContext & { isPage?: boolean };

const unknownName = (kind: string, name: string): InternalError =>
  new InternalError(
    `Expected the name of a ${kind} in the plan but received '${name}'. ` +
      'The plan was made by another version of Kadam: start the job again.',
    { code: 'UnknownStep' },
  );

const assertKnown = ({ steps, target }: Stage): void => {
  const step = steps.find(({ filter }) => findFilter(filter) === undefined);
  if (step !== undefined) throw unknownName('filter', step.filter);
  if (target.kind === 'output' && findFormat(target.format) === undefined) throw unknownName('format', target.format);
};

/**
 * The stage as it is for the file that is really there: with the channels and the depth that its decoder finds, and
 * with the size that a trim before it has left.
 */
const actualStage = (planned: Stage, metadata: Metadata): Stage => {
  const before = actualState(planned, metadata);
  const steps = neededSteps(planned.steps, before);
  return { ...planned, before, steps, after: endOf(steps, before) };
};

const withSteps = (pipeline: Sharp, { steps }: Stage): Sharp =>
  steps.reduce(
    (current, { filter, options, before }) => findFilter(filter)?.apply(current, options, before) ?? current,
    pipeline,
  );

/**
 * Adds the encoder of a recipe's file. A stripped one has no metadata (place, camera, thumbnails); but a picture that its
 * recipe leaves lying on its side keeps its orientation and nothing else, so that viewers still show it upright.
 */
const encoded = (pipeline: Sharp, { after, target, metadata: fate }: Stage, picture: EncodedPicture): Sharp => {
  if (target.kind === 'intermediate') return pipeline;
  const isTagged = fate === 'strip' && after.orientation !== 1;
  if (isTagged) pipeline.withExif({ IFD0: { Orientation: String(after.orientation) } });
  return findFormat(target.format)?.encode(pipeline, target.options, picture) ?? pipeline;
};

const buildPipeline = (stage: Stage, metadata: Metadata, source: Source, context: Context): Sharp => {
  const pipeline = withColours(withSteps(openPicture(source), stage), stage, metadata);
  const { animation, isPage = false } = context;
  if (stage.target.kind === 'intermediate') return asIntermediate(pipeline, stage, metadata, isPage);
  const { density } = metadata;
  return encoded(pipeline, stage, {
    ...stage.after,
    ...(density !== undefined && { density }),
    ...(animation !== undefined && { animation }),
  });
};

/** Stops where sharp made a picture of another size than the plan, the manifest and the estimate speak of. */
const assertSize = ({ id, after }: Stage, { width, height, pages }: Rendered & { pages: number }): void => {
  const isRight = after.isAtMost
    ? width <= after.width && height <= after.height
    : width === after.width && height === after.height;
  if (isRight && pages === after.pages) return;
  const wanted = `${after.isAtMost ? 'at most ' : ''}${after.width} x ${after.height} pixels (pages: ${after.pages})`;
  throw new InternalError(
    `Expected ${wanted} for ${id} but received ${width} x ${height} (pages: ${pages}). The plan and sharp disagree ` +
      "about a filter's result: report this with the picture's size and the recipe.",
    { code: 'UnexpectedSize' },
  );
};

/** Stops where the decoder finds fewer frames than were counted in the file: the rest is cut off, or damaged. */
const assertFrames = ({ kind, pages }: Source, { pages: found = 1 }: Metadata): void => {
  if (kind === 'intermediate' || pages === 1 || found === pages) return;
  throw new InvalidInputError(
    `Expected the ${pages} frames that were counted in the file but its decoder found ${found}. Upload the file again; ` +
      'if other programs open it, save it anew there and upload that.',
    { code: 'CorruptImage' },
  );
};

/**
 * Renders one stage, or one page of it: a single sharp pipeline from file to file.
 * Throws InvalidInputError where the upload cannot be decoded or a step cannot be applied to it, CapacityError where
 * the disk or the memory is full, InternalError where the fault is Kadam's.
 */
export const renderPicture = async (
  planned: Stage,
  source: Source,
  path: string,
  context: Context,
): Promise<Rendered> => {
  assertKnown(planned);
  let stage: Stage;
  let info: OutputInfo;
  try {
    const metadata = await openPicture(source).metadata();
    assertFrames(source, metadata);
    stage = actualStage(planned, metadata);
    info = await buildPipeline(stage, metadata, source, context).toFile(path);
  } catch (error) {
    throw await explainFailure(error, planned.id, source);
  }
  const { pages = 1 } = stage.after.pages > 1 ? info : {};
  const size = { width: info.width, height: pages > 1 ? (info.pageHeight ?? info.height) : info.height };
  assertSize(planned.after.isAtMost ? stage : planned, { ...size, pages });
  return size;
};
