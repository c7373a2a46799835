import * as z from 'zod';
import type { Size } from './resize-geometry.ts';

/** Where a part lies in a whole: sharp's positions, which it also calls gravities. */
export const positions = [
  'centre',
  'top',
  'right top',
  'right',
  'right bottom',
  'bottom',
  'left bottom',
  'left',
  'left top',
] as const;

type Position = (typeof positions)[number];

/** The schema of a position. */
export const position = z.enum(positions);

/** The share of what is left over that lies before the part. In the middle of an odd rest, the greater half. */
const before = (rest: number, isAtStart: boolean, isAtEnd: boolean): number => {
  if (isAtStart) return 0;
  return isAtEnd ? rest : Math.ceil(rest / 2);
};

/**
 * Where a part of this size begins in a whole that is no smaller, in pixels from the left and the top; as sharp places
 * what its resize keeps (0.35.5, src/common.cc, `CalculateCrop`).
 */
export const placedAt = (at: Position, whole: Size, part: Size): { left: number; top: number } => ({
  left: before(whole.width - part.width, at.includes('left'), at.includes('right')),
  top: before(whole.height - part.height, at.includes('top'), at.includes('bottom')),
});
