import { InternalError, InvalidInputError } from '../errors.ts';
import { placeOf } from '../filters/pipeline-order.ts';
import type { Format } from '../formats/format.ts';
import { findFormat } from '../formats/registry.ts';
import { decodedState, type ImageState } from '../image/image-state.ts';
import type { Traits } from '../image/traits.ts';
import type { Encoding, Output, Recipe } from '../recipe/recipe.ts';
import { cutPipelines, endOf, filterOf, neededSteps } from './cut-pipelines.ts';
import type { Plan, PlannedStep, Stage, StageTarget } from './plan.ts';

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
  stages.push({ id, ...source, steps, after, target: { kind: 'intermediate' } });
  return { input: { stage: id }, before: after };
};

const formatOf = ({ format }: Encoding): Format => {
  const found = findFormat(format);
  if (found) return found;
  throw new InternalError(`Expected a format of this version for a canonical recipe but received '${format}'.`, {
    code: 'UnknownFormat',
  });
};

const encodedTarget = (output: Output, encoding: Encoding, picture: ImageState): StageTarget => {
  const { extension, maxDimension } = formatOf(encoding);
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
    stages.push({ id: `${output.name}.${formatOf(encoding).extension}`, ...source, steps: own, after, target });
  }
};

const isAtLeastAsLateAsResize = (step: PlannedStep): boolean =>
  filterOf(step).order.every((place) => place >= placeOf('resize'));

/**
 * The common steps that are rendered once for all outputs: whole pipelines that no output can add to, and what is
 * left of them where it scales or filters. Turning, cropping and flattening alone are not worth a file of the whole
 * picture: fused with each output's resize they let a JPEG be decoded at the size it is needed in.
 */
const sharedSteps = (common: PlannedStep[], owns: readonly PlannedStep[][]): PlannedStep[][] => {
  if (owns.length < 2) return [];
  const pipelines = cutPipelines(common);
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
  const shared = sharedSteps(common, owns);
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
