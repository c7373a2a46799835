import type { Traits } from './traits.ts';

/** What is known of the pixels between two steps of a plan; `orientation` is 1 once it has been applied. */
export type ImageState = {
  width: number;
  height: number;
  channels: number;
  bitDepth: number;
  hasAlpha: boolean;
  orientation: number;
};

/** The state of a picture as it is decoded, before any step. */
export const decodedState = (traits: Traits): ImageState => ({
  width: traits.width,
  height: traits.height,
  channels: traits.channels,
  bitDepth: traits.bitDepth,
  hasAlpha: traits.hasAlpha,
  orientation: traits.orientation,
});
