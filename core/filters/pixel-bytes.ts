import type { ImageState } from '../image/image-state.ts';

/** Bytes that one pixel takes in libvips' memory: whole bytes a channel, two above 8 bits. */
export const pixelBytes = (image: ImageState): number => image.channels * (image.bitDepth > 8 ? 2 : 1);

/**
 * Bytes held by an operation that needs the whole picture. `bytesPerPixel` was measured on 8-bit colour, three bytes a
 * pixel, and is scaled to what this picture's pixels take.
 */
export const heldPixels = (image: ImageState, bytesPerPixel: number): number =>
  image.width * image.height * (bytesPerPixel / 3) * pixelBytes(image);

/**
 * Bytes held by an encoder that needs the whole picture: whatever it is given, sharp hands it 8-bit colour, with alpha
 * where the picture has it.
 */
export const heldEncoded = (image: ImageState, bytesPerPixel: number): number =>
  heldPixels({ ...image, channels: image.hasAlpha ? 4 : 3, bitDepth: 8 }, bytesPerPixel);

/** What libvips holds for a whole picture where it copies it to memory (measured: 3.1 bytes for 3). */
export const copyBytesPerPixel = 3.1;
