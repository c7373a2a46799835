import type { Metadata, OutputInfo, Sharp } from 'sharp';
import { InternalError } from '../errors.ts';
import { isGrey as isGreyColour } from '../filters/colour.ts';
import { findFilter } from '../filters/registry.ts';
import { findFormat } from '../formats/registry.ts';
import type { Stage } from '../predict/plan.ts';
import { explainFailure } from './explain-failure.ts';
import { openPicture, type Source } from './sharp-setup.ts';

const unknownName = (kind: string, name: string): InternalError =>
  new InternalError(
    `Expected the name of a ${kind} in the plan but received '${name}'. ` +
      'The plan was made by another version of Kadam: start the job again.',
    { code: 'UnknownStep' },
  );

const withSteps = (pipeline: Sharp, stage: Stage): Sharp =>
  stage.steps.reduce((current, { filter: name, options, before }) => {
    const filter = findFilter(name);
    if (filter === undefined) throw unknownName('filter', name);
    return filter.apply(current, options, before);
  }, pipeline);

/** Pixels per millimetre that sharp's TIFF encoder takes; what a header says beyond them is left out. */
const isResolution = (perMillimetre: number): boolean => perMillimetre >= 0.001 && perMillimetre <= 1_000_000;

/**
 * Uncompressed TIFF: libvips streams it both ways, and the next pipeline finds the pixels exactly as this one would
 * have gone on with them, in the depth and with the channels that they have inside a pipeline, and with the dots per
 * inch that a PNG tells of. `bigtiff` has no limit of 4 GiB.
 */
const intermediate = (pipeline: Sharp, { depth, density = 0 }: Metadata, isGrey: boolean): Sharp => {
  const [grey, colour] = depth === 'ushort' ? ['grey16', 'rgb16'] : ['b-w', 'srgb'];
  const resolution = density / 25.4;
  return pipeline.toColourspace(isGrey ? grey : colour).tiff({
    compression: 'none',
    predictor: 'none',
    bigtiff: true,
    ...(isResolution(resolution) && { xres: resolution, yres: resolution }),
  });
};

/**
 * What every written picture shares: all metadata is stripped (place, camera, thumbnails), colours are sRGB without a
 * profile. A picture that its recipe leaves lying on its side keeps its orientation and nothing else, so that viewers
 * still show it upright.
 */
const output = (pipeline: Sharp, { after, target }: Stage): Sharp => {
  if (target.kind === 'intermediate') return pipeline;
  const format = findFormat(target.format);
  if (format === undefined) throw unknownName('format', target.format);
  const tagged =
    after.orientation === 1 ? pipeline : pipeline.withExif({ IFD0: { Orientation: String(after.orientation) } });
  return format.encode(tagged, target.options, after);
};

/** Whether a step brings in a colour: sharp would lay a grey picture on a shade of grey instead. */
const laysOnColour = ({ steps }: Stage): boolean =>
  steps.some(({ options }) => typeof options.background === 'string' && !isGreyColour(options.background));

const buildPipeline = async (stage: Stage, source: Source): Promise<Sharp> => {
  const metadata = await openPicture(source).metadata();
  const pipeline = withSteps(openPicture(source), stage);
  // sharp 0.35.5 works on 16-bit pictures with a profile in Display P3 and would write those numbers as they are.
  const isWideWithProfile = metadata.depth === 'ushort' && metadata.space === 'rgb16' && metadata.icc !== undefined;
  if (isWideWithProfile) pipeline.withIccProfile('srgb', { attach: false });
  const isGrey = metadata.space === 'b-w' || metadata.space === 'grey16';
  const becomesColour = isGrey && laysOnColour(stage);
  if (becomesColour) pipeline.pipelineColourspace(metadata.depth === 'ushort' ? 'rgb16' : 'srgb');
  return stage.target.kind === 'intermediate'
    ? intermediate(pipeline, metadata, isGrey && !becomesColour)
    : output(pipeline, stage);
};

/** Stops where sharp made a picture of another size than the plan, the manifest and the estimate speak of. */
const assertSize = ({ id, after }: Stage, { width, height }: OutputInfo): void => {
  if (width === after.width && height === after.height) return;
  throw new InternalError(
    `Expected ${after.width} x ${after.height} pixels for ${id} but received ${width} x ${height}. ` +
      "The plan and sharp disagree about a filter's result: report this with the picture's size and the recipe.",
    { code: 'UnexpectedSize' },
  );
};

/**
 * Renders one stage: a single sharp pipeline from file to file.
 * Throws InvalidInputError where the upload cannot be decoded, CapacityError where the disk or the memory is full,
 * InternalError where the fault is Kadam's.
 */
export const renderStage = async (stage: Stage, source: Source, path: string): Promise<void> => {
  let info: OutputInfo;
  try {
    const pipeline = await buildPipeline(stage, source);
    info = await pipeline.toFile(path);
  } catch (error) {
    throw await explainFailure(error, stage.id, source);
  }
  assertSize(stage, info);
};
