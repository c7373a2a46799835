import { InvalidInputError } from '../errors.ts';
import type { ImageState } from '../image/image-state.ts';

/**
 * Throws InvalidInputError `AnimationNotSupported` where several frames are kept, for what judges each of them by
 * itself: `step` is what was asked for (`trim`), `effect` what would become of them (`would differ in size`).
 */
export const refuseAnimation = ({ pages }: ImageState, step: string, effect: string): void => {
  if (pages === 1) return;
  throw new InvalidInputError(
    `Expected a single picture for ${step} but received ${pages} frames, which ${effect}. ` +
      'Ask for a recipe that says `frames: first` for its outputs, or one without this step.',
    { code: 'AnimationNotSupported' },
  );
};
