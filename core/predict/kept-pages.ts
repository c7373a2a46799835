import { InvalidInputError } from '../errors.ts';
import type { InputFormat, Traits } from '../image/traits.ts';
import type { Encoding, Output } from '../recipe/recipe.ts';
import { registeredFormat } from './registered.ts';

/** What several frames are in a format that is read: absent where there is only ever one. */
const framesAre: Readonly<Partial<Record<InputFormat, 'animation' | 'pages'>>> = {
  gif: 'animation',
  webp: 'animation',
  tiff: 'pages',
};

/**
 * How many of the upload's frames an encoding of an output gets: all of them where it may have them and its format can
 * hold them (an animation's as pages, too), else the first.
 * Throws InvalidInputError `FramesDiffer` where it would get pages that differ in size or kind of pixels.
 */
export const keptPages = ({ name, frames }: Output, { format, options }: Encoding, traits: Traits): number => {
  const { count } = traits.frames;
  const kind = framesAre[traits.format];
  if (frames === 'first' || count === 1 || kind === undefined) return 1;
  const held = registeredFormat(format).holds(options);
  if (!held.includes(kind) && !held.includes('pages')) return 1;
  if (traits.hasEqualFrames) return count;
  throw new InvalidInputError(
    `Expected pages of one size and kind for ${format} (output ${name}) but received a ${traits.format} whose ${count} ` +
      'pages differ. Upload them one by one, or ask for a recipe whose output says `frames: first`.',
    { code: 'FramesDiffer' },
  );
};
