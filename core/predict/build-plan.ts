import { InvalidInputError } from '../errors.ts';
import type { ContainerFilter } from '../filters/container-filter.ts';
import { placeOf } from '../filters/pipeline-order.ts';
import { decodedState, type ImageState } from '../image/image-state.ts';
import type { InputFormat, Traits } from '../image/traits.ts';
import type { Encoding, Output, Recipe } from '../recipe/recipe.ts';
import { knownSteps, programStep } from './container-step.ts';
import { cutPipelines, endOf, neededSteps, reachOf } from './cut-pipelines.ts';
import type { Plan, PlannedStep, Stage, StageTarget } from './plan.ts';
import { filterOf, registeredFormat } from './registered.ts';
import { type Family, familiesOf, type Rendition } from './renditions.ts';

/** Where a stage reads from, the picture that it finds there, and what becomes of its metadata. */
type Source = Pick<Stage, 'input' | 'before' | 'metadata'>;

/** An intermediate's id: the wanted one, or with a number where an output's name took it already. */
const freeId = (wanted: string, stages: readonly Stage[]): string => {
  const isTaken = (id: string) => stages.some((stage) => stage.id === id);
  let id = wanted;
  for (let number = 2; isTaken(id); number += 1) id = `${wanted}-${number}`;
  return id;
};

/** The most rows that libvips holds of a picture (VIPS_MAX_COORD): frames stand one below the other in it. */
const maxRows = 99_999_999;

const assertRows = ({ height, pages }: ImageState): void => {
  if (height * pages <= maxRows) return;
  throw new InvalidInputError(
    `Expected at most ${maxRows} rows of pixels in all frames together but received ${pages} frames of ${height}. ` +
      'Upload fewer or smaller frames, or ask for a recipe whose outputs say `frames: first`.',
    { code: 'TooLarge' },
  );
};

/**
 * Adds a stage that renders these steps to an intermediate, and answers that as the next source. A container's program
 * gets an intermediate as well, never the upload.
 */
const addIntermediate = (stages: Stage[], wanted: string, given: Source, steps: PlannedStep[]): Source => {
  const isUndecoded = given.input === 'upload' && programStep(steps) !== undefined;
  const source = isUndecoded ? addIntermediate(stages, `${wanted}-decoded`, given, []) : given;
  const id = freeId(wanted, stages);
  const after = endOf(steps, source.before);
  assertRows(after);
  stages.push({ id, ...source, steps, after, target: { kind: 'intermediate' } });
  return { ...source, input: { stage: id }, before: after };
};

const encodedTarget = (output: Output, encoding: Encoding, picture: ImageState): StageTarget => {
  const { extension, maxDimension } = registeredFormat(encoding.format);
  if (Math.max(picture.width, picture.height) > maxDimension) {
    throw new InvalidInputError(
      `Expected at most ${maxDimension} pixels a side for ${encoding.format} (output ${output.name}) but received ` +
        `${picture.width} x ${picture.height}. Upload a smaller picture, or ask for a recipe that resizes it or writes ` +
        'another format.',
      { code: 'TooLarge' },
    );
  }
  return { kind: 'output', name: output.name, format: encoding.format, extension, options: encoding.options };
};

/**
 * Formats whose decoding costs more than writing and reading the whole picture uncompressed, and whose decoders cannot
 * shrink: several outputs share one decode (.043 CPU seconds per megapixel for AVIF and .019 for WebP, against .005 +
 * .003).
 */
const slowToDecode: ReadonlySet<InputFormat> = new Set(['avif', 'webp']);

/**
 * Whether sharp would run some of these steps after laying the picture on the background of a format without
 * transparency, which it does while encoding: they would change the background too.
 */
const wouldChangeBackground = (pipeline: readonly PlannedStep[], encodings: readonly Encoding[], end: ImageState) =>
  end.hasAlpha &&
  reachOf(pipeline) > placeOf('composite') &&
  encodings.some(({ format, options }) => !registeredFormat(format).holdsAlpha(options));

/**
 * Adds an output's stages. With one format, its last pipeline writes the file in one pass. With several, its pixels
 * are rendered once, and each file is encoded from them. Frames are worked through one by one before all of them are
 * encoded together.
 */
const addOutput = (stages: Stage[], { output, encodings }: Rendition, start: Source, steps: PlannedStep[]): void => {
  const pipelines = cutPipelines(steps);
  const last = pipelines.pop() ?? [];
  let source = start;
  for (const [index, pipeline] of pipelines.entries()) {
    source = addIntermediate(stages, `${output.name}-${index + 1}`, source, pipeline);
  }
  const hasStepsApart = source.before.pages > 1 || encodings.length > 1;
  const isFused =
    !hasStepsApart &&
    programStep(last) === undefined &&
    !wouldChangeBackground(last, encodings, endOf(last, source.before));
  if (last.length > 0 && !isFused) source = addIntermediate(stages, output.name, source, last);
  const own = isFused ? last : [];
  for (const encoding of encodings) {
    const after = endOf(own, source.before);
    assertRows(after);
    const target = encodedTarget(output, encoding, after);
    const id = `${output.name}.${registeredFormat(encoding.format).extension}`;
    stages.push({ id, ...source, steps: own, after, target });
  }
};

const isAtLeastAsLateAsResize = (step: PlannedStep): boolean =>
  filterOf(step)
    .places(step.before, step.options)
    .every(({ from }) => from >= placeOf('resize'));

/**
 * The common pipelines that are rendered once for all outputs: whole ones that no output can add to, and what is left
 * of them where it scales or filters. Turning, cropping and flattening alone are not worth a file of the whole
 * picture: fused with each output's resize they let a JPEG be decoded at the size it is needed in.
 */
const sharedPipelines = (common: PlannedStep[], owns: readonly PlannedStep[][]): PlannedStep[][] => {
  if (owns.length < 2) return [];
  const pipelines = cutPipelines(common);
  const last = pipelines.at(-1) ?? [];
  const isContinued = owns.some(
    (own) => cutPipelines([...common, ...own])[pipelines.length - 1]?.length !== last.length,
  );
  return isContinued && !last.some(isAtLeastAsLateAsResize) ? pipelines.slice(0, -1) : pipelines;
};

/** What all families of one plan are made from. */
type Facts = { recipe: Recipe; traits: Traits; containerFilters: readonly ContainerFilter[] };

/** Adds the stages of outputs that can share them. */
const addFamily = (stages: Stage[], facts: Facts, { pages, metadata, renditions }: Family): void => {
  const { recipe, traits, containerFilters } = facts;
  const upload: Source = { input: 'upload', before: decodedState(traits, pages), metadata };
  const common = neededSteps(knownSteps(recipe.steps, containerFilters), upload.before);
  const owns = renditions.map(({ output }) =>
    neededSteps(knownSteps(output.steps, containerFilters), endOf(common, upload.before)),
  );
  const files = renditions.flatMap(({ encodings }) => encodings).length;
  const hasSteps = common.length > 0 || owns.some((own) => own.length > 0);
  const isDecodedOnce = slowToDecode.has(traits.format) && files > 1;
  const shared = isDecodedOnce && owns.length > 1 ? cutPipelines(common) : sharedPipelines(common, owns);
  let source = upload;
  // Frames cannot be read out of an animation one by one: each would be worked out from the first on.
  const isTakenApart = pages > 1 && hasSteps;
  // sharp works on 16-bit pictures with a profile in Display P3, where the colours that steps name are others.
  const hasOtherColours = metadata === 'strip' && traits.bitDepth > 8 && traits.hasProfile && hasSteps;
  const isCopied = hasOtherColours || (isDecodedOnce && shared.length === 0 && (owns.length > 1 || !hasSteps));
  if (isTakenApart || isCopied) source = addIntermediate(stages, isTakenApart ? 'frames' : 'prepare-1', upload, []);
  for (const [index, pipeline] of shared.entries()) {
    source = addIntermediate(stages, `prepare-${index + 1}`, source, pipeline);
  }
  const rest = common.slice(shared.flat().length);
  for (const [index, rendition] of renditions.entries()) {
    addOutput(stages, rendition, source, [...rest, ...(owns[index] ?? [])]);
  }
};

export type PlanOptions = {
  /** Threads of every pipeline. */
  threads: number;
  /** The filters of containers that the recipe's steps may name, beside Kadam's own. */
  containerFilters: readonly ContainerFilter[];
};

/**
 * The ordered stages that make a recipe's outputs from a picture with these traits; steps that would change nothing
 * are left out. Pure: the same on every target and at every time.
 * Throws InvalidInputError: `TooLarge` where a format cannot hold an output, `FramesDiffer` where it would have to hold
 * pages that differ, and what the filters throw.
 */
export const buildPlan = (recipe: Recipe, traits: Traits, { threads, containerFilters }: PlanOptions): Plan => {
  const stages: Stage[] = [];
  for (const family of familiesOf(recipe, traits)) addFamily(stages, { recipe, traits, containerFilters }, family);
  return { stages, threads, isTiled: traits.isTiled };
};
