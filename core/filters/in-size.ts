import type { ImageState } from '../image/image-state.ts';
import type { Size } from './resize-geometry.ts';

/** The picture in this size, whatever size it had: a part of known size, or a frame that it is fitted into. */
export const inSize = (image: ImageState, { width, height }: Size): ImageState => ({
  ...image,
  width,
  height,
  isAtMost: undefined,
});
