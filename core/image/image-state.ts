import type { Traits } from './traits.ts';

/**
 * What is known of the pixels between two steps of a plan; `orientation` is 1 once it has been applied. `width` and
 * `height` are those of one page, `pages` is 1 for everything but an animation or a document that is kept as a whole.
 */
export type ImageState = {
  width: number;
  height: number;
  pages: number;
  channels: number;
  bitDepth: number;
  hasAlpha: boolean;
  orientation: number;
  /** Width and height are upper bounds: a trim came before, whose result only the pixels tell. Absent: exact. */
  isAtMost?: true | undefined;
};

/** The state of a picture as it is decoded, before any step: its first page alone, or so many. */
export const decodedState = (traits: Traits, pages = 1): ImageState => ({
  width: traits.width,
  height: traits.height,
  pages,
  channels: traits.channels,
  bitDepth: traits.bitDepth,
  hasAlpha: traits.hasAlpha,
  orientation: traits.orientation,
});
