import type { ImageState } from '../image/image-state.ts';
import { isGrey, isTransparent } from './colour.ts';
import { placeOf, type Span } from './pipeline-order.ts';

/** Whether a picture has no colour, and thus one channel, or two with alpha. */
export const isGreyPicture = ({ channels }: ImageState): boolean => channels < 3;

/** The picture once colour has come into it. */
export const inColour = (image: ImageState): ImageState =>
  isGreyPicture(image) ? { ...image, channels: image.hasAlpha ? 4 : 3 } : image;

/** The picture without its colours. */
export const inGrey = (image: ImageState): ImageState => ({ ...image, channels: image.hasAlpha ? 2 : 1 });

/** The picture beside which pixels of a colour were added; a transparent one brings alpha. */
export const besideColour = (image: ImageState, colour: string): ImageState => {
  const picture = isGrey(colour) ? image : inColour(image);
  if (picture.hasAlpha || !isTransparent(colour)) return picture;
  return { ...picture, channels: picture.channels + 1, hasAlpha: true };
};

/**
 * Where an operation stands that brings colour into a picture. Where its pipeline made grey before, sharp would bring
 * in a shade of grey, so it shares none with what does; a picture that was grey already is colour from a pipeline's
 * start.
 */
export const bringingColour = (image: ImageState, { from, to }: Span): Span => ({
  from: isGreyPicture(image) ? Math.min(from, placeOf('grayscale')) : from,
  to,
});

/**
 * The same, of an operation that adds pixels of one colour. Shades of grey fit into every picture. Transparent ones
 * bring alpha, which sharp would not multiply in for what smooths or sharpens later in the same pipeline: they end it.
 */
export const bringing = (colour: string, image: ImageState, span: Span): Span => {
  const { from, to } = isGrey(colour) ? span : bringingColour(image, span);
  const bringsAlpha = !image.hasAlpha && isTransparent(colour);
  return { from, to: bringsAlpha ? Math.max(to, placeOf('sharpen')) : to };
};
