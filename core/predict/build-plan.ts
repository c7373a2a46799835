import { InvalidInputError } from '../errors.ts';
import { placeOf } from '../filters/pipeline-order.ts';
import { decodedState, type ImageState } from '../image/image-state.ts';
import type { InputFormat, Traits } from '../image/traits.ts';
import type { Encoding, Output, Recipe } from '../recipe/recipe.ts';
import { cutPipelines, endOf, neededSteps } from './cut-pipelines.ts';
import type { Plan, PlannedStep, Stage, StageTarget } from './plan.ts';
import { registeredFilter, registeredFormat } from './registered.ts';

/** Where a stage reads from, and the picture that it finds there. */
type Source = Pick<Stage, 'input' | 'before'>;

/** An intermediate's id: the wanted one, or with a number where an output's name took it already. */
const freeId = (wanted: string, stages: readonly Stage[]): string => {
  const isTaken = (id: string) => stages.some((stage) => stage.id === id);
  let id = wanted;
  for (let number = 2; isTaken(id); number += 1) id = `${wanted}-${number}`;
  return id;
};

/** Adds a stage that renders these steps to an intermediate, and answers that as the next source. */
const addIntermediate = (stages: Stage[], wanted: string, source: Source, steps: PlannedStep[]): Source => {
  const id = freeId(wanted, stages);
  const after = endOf(steps, source.before);
  stages.push({ id, ...source, steps, after, metadata: 'strip', target: { kind: 'intermediate' } });
  return { input: { stage: id }, before: after };
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
 * Adds an output's stages. With one format, its last pipeline writes the file in one pass. With several, its pixels
 * are rendered once, and each file is encoded from them, unless they are another intermediate's as they are.
 */
const addOutput = (stages: Stage[], output: Output, start: Source, steps: PlannedStep[]): void => {
  const pipelines = cutPipelines(steps);
  const last = pipelines.pop() ?? [];
  let source = start;
  for (const [index, pipeline] of pipelines.entries()) {
    source = addIntermediate(stages, `${output.name}-${index + 1}`, source, pipeline);
  }
  const isRenderedAlready = last.length === 0 && source.input !== 'upload';
  const isFused = output.formats.length === 1 || isRenderedAlready;
  if (!isFused) source = addIntermediate(stages, output.name, source, last);
  const own = isFused ? last : [];
  for (const encoding of output.formats) {
    const after = endOf(own, source.before);
    const target = encodedTarget(output, encoding, after);
    stages.push({
      id: `${output.name}.${registeredFormat(encoding.format).extension}`,
      ...source,
      steps: own,
      after,
      metadata: 'strip',
      target,
    });
  }
};

const isAtLeastAsLateAsResize = (step: PlannedStep): boolean =>
  registeredFilter(step.filter).order.every((place) => place >= placeOf('resize'));

/**
 * Formats whose decoding costs more than writing and reading the whole picture uncompressed, and whose decoders cannot
 * shrink: several outputs share one decode (.043 CPU seconds per megapixel for AVIF, against .005 + .003).
 */
const slowToDecode: ReadonlySet<InputFormat> = new Set(['avif']);

/**
 * The common pipelines that are rendered once for all outputs: whole ones that no output can add to, and what is left
 * of them where it scales or filters. Turning, cropping and flattening alone are not worth a file of the whole
 * picture: fused with each output's resize they let a JPEG be decoded at the size it is needed in.
 */
const sharedPipelines = (common: PlannedStep[], owns: readonly PlannedStep[][], traits: Traits): PlannedStep[][] => {
  if (owns.length < 2) return [];
  const pipelines = cutPipelines(common);
  if (slowToDecode.has(traits.format)) return pipelines.length > 0 ? pipelines : [[]];
  const last = pipelines.at(-1) ?? [];
  const isContinued = owns.some(
    (own) => cutPipelines([...common, ...own])[pipelines.length - 1]?.length !== last.length,
  );
  return isContinued && !last.some(isAtLeastAsLateAsResize) ? pipelines.slice(0, -1) : pipelines;
};

/**
 * The ordered stages that make a recipe's outputs from a picture with these traits; steps that would change nothing
 * are left out. Pure: the same on every target and at every time.
 * Throws InvalidInputError: `TooLarge` where a format cannot hold an output, and what the filters throw.
 */
export const buildPlan = (recipe: Recipe, traits: Traits, { threads }: { threads: number }): Plan => {
  const upload: Source = { input: 'upload', before: decodedState(traits) };
  const common = neededSteps(recipe.steps, upload.before);
  const owns = recipe.outputs.map((output) => neededSteps(output.steps, endOf(common, upload.before)));
  const shared = sharedPipelines(common, owns, traits);
  const stages: Stage[] = [];
  let source = upload;
  for (const [index, pipeline] of shared.entries()) {
    source = addIntermediate(stages, `prepare-${index + 1}`, source, pipeline);
  }
  const rest = common.slice(shared.flat().length);
  for (const [index, output] of recipe.outputs.entries()) {
    addOutput(stages, output, source, [...rest, ...(owns[index] ?? [])]);
  }
  return { stages, threads };
};
