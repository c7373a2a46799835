import type { ResizeTarget, Size } from './resize-geometry.ts';

/** The largest size that a resize may have, and whether it has that size in any case. */
type Bound = Size & { isExact: boolean };

const exact = (width: number, height: number): Bound => ({ width, height, isExact: true });
const atMost = (width: number, height: number): Bound => ({ width, height, isExact: false });

/** Both sides given: what is left of a picture of any shape. Undefined where one side may grow beyond all measure. */
const boundOfBox = (image: Size, target: ResizeTarget & Size): Bound | undefined => {
  const { width, height, fit, withoutEnlargement, withoutReduction } = target;
  const smaller = atMost(Math.min(width, image.width), Math.min(height, image.height));
  const larger = atMost(Math.max(width, image.width), Math.max(height, image.height));
  switch (fit) {
    case 'cover':
      return withoutEnlargement ? smaller : exact(width, height);
    case 'contain':
      return withoutReduction ? larger : exact(width, height);
    case 'fill':
      if (withoutEnlargement) return smaller;
      return withoutReduction ? larger : exact(width, height);
    case 'inside':
      if (withoutEnlargement) return smaller;
      return withoutReduction ? larger : atMost(width, height);
    case 'outside':
      return withoutEnlargement ? atMost(image.width, image.height) : undefined;
  }
};

/**
 * What a resize makes at most of a picture that is no larger than `image`, but of any shape. Undefined where there is
 * no such size: given a width alone, a picture that is one pixel wide and tall becomes as many times taller.
 */
export const boundOfResize = (image: Size, target: ResizeTarget): Bound | undefined => {
  const { width, height, fit, withoutEnlargement } = target;
  if (width !== undefined && height !== undefined) return boundOfBox(image, { ...target, width, height });
  // Said as a box: fill leaves the other axis alone, and nothing else outgrows a picture that is not enlarged.
  if (fit !== 'fill' && !withoutEnlargement) return undefined;
  const box = { width: width ?? image.width, height: height ?? image.height };
  const bound = boundOfBox(image, { ...target, ...box });
  return bound && { ...bound, isExact: false };
};
