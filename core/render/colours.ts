import type { Metadata, Sharp } from 'sharp';
import type { ColourKind } from '../formats/format.ts';
import type { ImageState } from '../image/image-state.ts';
import type { PlannedStep, Stage } from '../predict/plan.ts';
import { registeredFormat } from '../predict/registered.ts';

/** The colours that a file is stored in. Everything else that is read (palettes, Lab, YCbCr) becomes RGB. */
const storedKind = ({ space }: Metadata): ColourKind => {
  if (space === 'cmyk') return 'cmyk';
  return space === 'b-w' || space === 'grey16' ? 'grey' : 'rgb';
};

const isDeepFile = ({ depth }: Metadata): boolean => depth === 'ushort';

/** Steps that move and mix pixels and look at no colour: all that a picture in inks can go through as it is. */
const onlyMoves = ({ filter, options }: PlannedStep): boolean => {
  if (filter === 'resize') return options.fit !== 'contain';
  if (filter === 'rotate') return typeof options.angle === 'number' && options.angle % 90 === 0;
  return ['autoOrient', 'crop', 'flip', 'flop'].includes(filter);
};

/** Whether CMYK is left as it is in this stage: in an output that keeps colours, and where no step needs others. */
const staysCmyk = ({ metadata, target, steps }: Stage): boolean =>
  metadata === 'keep' &&
  steps.every(onlyMoves) &&
  (target.kind === 'intermediate' || registeredFormat(target.format).colours.includes('cmyk'));

/** The picture that a stage really has before it, now that its file can be asked. */
export const actualState = (stage: Stage, metadata: Metadata): ImageState => {
  const { before } = stage;
  const { hasAlpha, channels, width, height } = metadata;
  const becomesRgb = storedKind(metadata) === 'cmyk' && !staysCmyk(stage);
  return {
    ...before,
    hasAlpha,
    channels: becomesRgb ? 3 + Number(hasAlpha) : channels,
    bitDepth: isDeepFile(metadata) ? 16 : 8,
    ...(before.isAtMost && { width, height, isAtMost: undefined }),
  };
};

/** Whether a step brings colour into a grey picture. */
const bringsColour = ({ before, after }: PlannedStep): boolean => before.channels < 3 && after.channels >= 3;

/** sharp's name of a space that pixels are handed on in. */
const spaceOf = (kind: ColourKind, isDeep: boolean): string => {
  if (kind === 'cmyk') return 'cmyk';
  if (kind === 'grey') return isDeep ? 'grey16' : 'b-w';
  return isDeep ? 'rgb16' : 'srgb';
};

/** Bits a channel above 8 survive where there are any, and whoever takes the pixels can hold them. */
const isDeepAfter = ({ after, target }: Stage): boolean =>
  after.bitDepth > 8 &&
  (target.kind === 'intermediate' || registeredFormat(target.format).bitDepth(target.options) > 8);

/** Whether a target can hold a kind of colour, with its profile. */
const canHold = ({ target }: Stage, kind: ColourKind): boolean =>
  target.kind === 'intermediate' || registeredFormat(target.format).colours.includes(kind);

/** Whether encoding lays the picture on a background, which may bring in a colour. */
const isLaidOnBackground = ({ target, after }: Stage): boolean =>
  target.kind === 'output' && after.hasAlpha && !registeredFormat(target.format).holdsAlpha(target.options);

const writtenKind = (stage: Stage, stored: ColourKind): ColourKind => {
  if (stored === 'cmyk' && staysCmyk(stage)) return 'cmyk';
  return stage.after.channels < 3 && canHold(stage, 'grey') && !isLaidOnBackground(stage) ? 'grey' : 'rgb';
};

/**
 * Says which colours a stage works in and writes; its steps and states are those of the file.
 *
 * - `strip`: sRGB without a profile, or grey. sharp converts by the embedded profile, or by a usual one for CMYK.
 * - `keep`: everything that the upload says stays, and no number changes, as long as the profile fits the pixels that
 *   are written and the format can hold both; else they become sRGB, and the profile is left out.
 */
export const withColours = (pipeline: Sharp, stage: Stage, metadata: Metadata): Sharp => {
  const stored = storedKind(metadata);
  const written = writtenKind(stage, stored);
  if (stored === 'grey' && stage.steps.some(bringsColour)) {
    pipeline.pipelineColourspace(isDeepFile(metadata) ? 'rgb16' : 'srgb');
  }
  if (written === 'cmyk') pipeline.pipelineColourspace('cmyk');

  const isKept = stage.metadata === 'keep';
  // Numbers that lose their lower half on the way lose their profile, too: sharp 0.35.5 leaves it out after some steps.
  const isNarrowed = isDeepFile(metadata) && !isDeepAfter(stage) && stage.steps.length > 0;
  const keepsProfile = isKept && written === stored && canHold(stage, written) && !isNarrowed;
  if (isKept) pipeline.keepMetadata();
  const hasOtherColours = metadata.icc !== undefined || stored === 'cmyk';
  const isWide = isDeepFile(metadata) && stored === 'rgb';
  // sharp 0.35.5 works on 16-bit pictures with a profile in Display P3 and would write those numbers as they are.
  if (!keepsProfile && hasOtherColours && (isKept || isWide)) pipeline.withIccProfile('srgb', { attach: false });
  return pipeline.toColourspace(spaceOf(written, isDeepAfter(stage)));
};
