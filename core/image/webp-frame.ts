import type { Cursor } from './cursor.ts';

/** Bytes of an animation frame's chunk (ANMF) that tell of alpha: place, size, duration, and its first chunk's start. */
export const webpFrameBytes = 16 + 8 + 5;

/**
 * What the decoder makes of a frame of an animated WebP (RFC 9649, 2.7.1.1), by the start of its chunk's body: whether
 * there is a picture in it, and whether it makes the animation transparent, because it is so itself or because it does
 * not cover the canvas.
 */
export const readWebpFrame = (
  cursor: Cursor,
  canvas: { width: number; height: number },
): { isPicture: boolean; isTransparent: boolean } => {
  cursor.skip(6);
  const [width, height] = [cursor.u24() + 1, cursor.u24() + 1];
  cursor.skip(4);
  const type = cursor.text(4);
  cursor.skip(5);
  const hasAlphaBit = ((cursor.u32() >>> 28) & 1) === 1;
  return {
    isPicture: ['ALPH', 'VP8 ', 'VP8L'].includes(type),
    isTransparent:
      width !== canvas.width || height !== canvas.height || type === 'ALPH' || (type === 'VP8L' && hasAlphaBit),
  };
};
