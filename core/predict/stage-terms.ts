import type { ZodType } from 'zod';
import { pixelBytes } from '../filters/pixel-bytes.ts';
import { profileSeconds } from '../formats/profile-cost.ts';
import type { ImageState } from '../image/image-state.ts';
import { megapixels, type Traits } from '../image/traits.ts';
import type { Cost } from './cost.ts';
import type { Term } from './estimate.ts';
import type { Stage } from './plan.ts';
import { filterOf, registeredFormat } from './registered.ts';
import { shrinkOnLoad, workedOn } from './shrink-on-load.ts';

/** One part of a stage's work, with its cost still apart by whether threads help. */
export type CostedTerm = Omit<Term, 'cpuSeconds' | 'heldBytes'> & { cost: Cost };

/** CPU seconds per megapixel of 8-bit colour of an uncompressed file on disk. */
const intermediateSeconds = { write: 0.005, read: 0.003 };

/**
 * A decoder that does not know how many frames there are may find more than the one that the pipeline asks for: what
 * the header leaves open counts as slow.
 */
const unknownFramesSecondsFactor = 2;

/**
 * The options that differ from their defaults, for people: `size 9`. Without defaults, the numbers among them; lists are
 * too long to be read in passing.
 */
const detailOf = (schema: ZodType, options: Readonly<Record<string, unknown>>): string => {
  const defaults = schema.safeParse({});
  const standard = new Map(Object.entries(defaults.success && defaults.data instanceof Object ? defaults.data : {}));
  return Object.entries(options)
    .filter(([, value]) => !Array.isArray(value))
    .filter(([name, value]) => (defaults.success ? value !== standard.get(name) : typeof value === 'number'))
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
};

const intermediateTerm = (verb: 'read' | 'write', picture: ImageState): CostedTerm => ({
  name: `${verb} intermediate`,
  detail: '',
  megapixels: megapixels(picture),
  cost: {
    serialSeconds: intermediateSeconds[verb] * megapixels(picture) * (pixelBytes(picture) / 3),
    parallelSeconds: 0,
    heldBytes: 0,
  },
});

const decodeTerm = (stage: Stage, traits: Traits): CostedTerm => {
  const { pages } = stage.before;
  const { factor, secondsShare } = shrinkOnLoad(stage, traits);
  const cost = registeredFormat(traits.format).decodeCost(traits, pages);
  // Colours are converted after the decoder has shrunk the picture.
  const converting = profileSeconds(traits) * pages;
  const decoding = (cost.serialSeconds - converting) * secondsShare + converting / factor ** 2;
  const doubt = traits.frames.known === 'exact' ? 1 : unknownFramesSecondsFactor;
  return {
    name: `decode ${traits.format}`,
    detail: '',
    megapixels: megapixels({ ...traits, pages }),
    cost: {
      serialSeconds: decoding * doubt,
      parallelSeconds: cost.parallelSeconds * secondsShare * doubt,
      heldBytes: cost.heldBytes,
    },
  };
};

const encodeTerm = (stage: Stage): CostedTerm => {
  const { target, after } = stage;
  if (target.kind === 'intermediate') return intermediateTerm('write', after);
  const format = registeredFormat(target.format);
  return {
    name: `encode ${target.format}`,
    detail: detailOf(format.options, target.options),
    megapixels: megapixels(after),
    cost: format.encodeCost(after, target.options),
  };
};

/** CPU seconds of opening one page of an intermediate, of starting a pipeline on it and of adding it to the next. */
const secondsPerPage = 0.01;

/** What working through pages one by one takes beside their pixels. */
const pageTerms = ({ steps, before }: Stage): CostedTerm[] =>
  before.pages === 1 || steps.length === 0
    ? []
    : [
        {
          name: 'take pages apart',
          detail: `${before.pages} pages`,
          megapixels: megapixels(before),
          cost: { serialSeconds: secondsPerPage * before.pages, parallelSeconds: 0, heldBytes: 0 },
        },
      ];

/** Everything that a stage does, in order: reading, each step, writing. */
export const stageTerms = (stage: Stage, traits: Traits): CostedTerm[] => {
  const shrink = shrinkOnLoad(stage, traits);
  const steps = stage.steps.map((step) => {
    const filter = filterOf(step);
    const picture = workedOn(stage, step, shrink);
    return {
      name: step.filter,
      detail: detailOf(filter.options, step.options),
      megapixels: megapixels(picture),
      cost: filter.cost(picture, step.options),
    };
  });
  const read = stage.input === 'upload' ? decodeTerm(stage, traits) : intermediateTerm('read', stage.before);
  return [read, ...steps, encodeTerm(stage), ...pageTerms(stage)];
};
