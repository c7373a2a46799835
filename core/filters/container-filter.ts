import { InternalError } from '../errors.ts';
import { megapixels } from '../image/traits.ts';
import type { Filter } from './filter.ts';
import { evaluate, type Formula } from './formula.ts';
import { type OptionRules, optionsSchema } from './option-rules.ts';
import { spanOf } from './pipeline-order.ts';
import { refuseAnimation } from './refuse-animation.ts';

/**
 * A filter that a container brings along as a program in any language: what its containers/<name>/filter.yml says of
 * it. Plain data, so that a plan can carry it to whoever estimates and renders.
 *
 * The program is run as `<command> INPUT OUTPUT '<options as JSON>'`. It reads a TIFF of 8 or 16 bits and 1 to 4
 * channels, and writes one of the same channels, depth and orientation; docs/recipes.md has the whole contract.
 */
export type ContainerFilter = {
  /** The name in recipes. */
  name: string;
  /** The folder of containers/ that it came from: the only container that can run it. */
  container: string;
  /** The folder that holds containers/: where the command runs. */
  folder: string;
  summary: string;
  notes?: string | undefined;
  example: Readonly<Record<string, unknown>>;
  options: OptionRules;
  command: readonly string[];
  /** What has to be installed for it outside of its container, for people. */
  needs: string;
  /** How many times as long each side becomes. */
  scale: Formula;
  cost: {
    /** CPU seconds of the program's start, whatever the picture. */
    startSeconds: number;
    /** CPU seconds per megapixel of the picture that it is given, in colour. */
    secondsPerMegapixel: Formula;
    /** How many threads share that work. */
    threads: number;
    /** What it holds: `bytesPerColumn` are those of every pixel of the width, of programs that keep rows. */
    memory: { fixedMiB: number; bytesPerPixel: number; bytesPerColumn: number };
  };
};

/** Everything of sharp's: a program shares its pipeline with no other step. */
const alone = spanOf('trim', 'negate');

const filterFrom = (described: ContainerFilter): Filter => {
  const { name, summary, notes, example, options, scale, cost } = described;
  /** Only options that the schema has accepted get here. */
  const given = (value: unknown): Readonly<Record<string, unknown>> => ({ ...Object(value) });
  return {
    name,
    summary,
    ...(notes !== undefined && { notes }),
    example,
    options: optionsSchema(options),
    places: () => [alone],
    isNeeded: () => true,
    resultOf: (image, value) => {
      refuseAnimation(image, name, 'its program cannot take');
      const times = evaluate(scale, given(value));
      const scaled = (side: number): number => Math.max(1, Math.round(side * times));
      return { ...image, width: scaled(image.width), height: scaled(image.height) };
    },
    cost: (image, value) => {
      const { fixedMiB, bytesPerPixel, bytesPerColumn } = cost.memory;
      // Figures are those of colours; with alpha there is more of everything.
      const channels = Math.max(1, image.channels / 3);
      const perMegapixel = evaluate(cost.secondsPerMegapixel, given(value)) * channels;
      const bytes = (bytesPerPixel * image.height + bytesPerColumn) * image.width * channels;
      return {
        serialSeconds: cost.startSeconds,
        parallelSeconds: perMegapixel * megapixels(image),
        threads: cost.threads,
        heldBytes: fixedMiB * 2 ** 20 + bytes,
      };
    },
    apply: () => {
      throw new InternalError(`Expected ${name} to be run by its container's program, not by sharp. Report this.`, {
        code: 'NotForSharp',
      });
    },
  };
};

const built = new WeakMap<ContainerFilter, Filter>();

/**
 * A container's filter as one that planning and estimating can work with. sharp cannot apply it. Built once for each
 * description: its options' schema takes most of a millisecond, and plans ask for it at every look at a step.
 */
export const asFilter = (described: ContainerFilter): Filter => {
  const filter = built.get(described) ?? filterFrom(described);
  built.set(described, filter);
  return filter;
};
