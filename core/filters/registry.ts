import { autoOrient } from './auto-orient.ts';
import { blur } from './blur.ts';
import { convolve } from './convolve.ts';
import { crop } from './crop.ts';
import { extend } from './extend.ts';
import type { Filter } from './filter.ts';
import { flatten } from './flatten.ts';
import { flip } from './flip.ts';
import { flop } from './flop.ts';
import { gamma } from './gamma.ts';
import { grayscale } from './grayscale.ts';
import { linear } from './linear.ts';
import { median } from './median.ts';
import { modulate } from './modulate.ts';
import { negate } from './negate.ts';
import { normalise } from './normalise.ts';
import { resize } from './resize.ts';
import { rotate } from './rotate.ts';
import { sepia } from './sepia.ts';
import { sharpen } from './sharpen.ts';
import { threshold } from './threshold.ts';
import { tint } from './tint.ts';
import { trim } from './trim.ts';

/** Every filter that a recipe can name, in the order of the reference: shape, tone and colour, detail. */
export const filters: readonly Filter[] = [
  autoOrient,
  resize,
  crop,
  trim,
  extend,
  rotate,
  flip,
  flop,
  flatten,
  normalise,
  linear,
  gamma,
  modulate,
  grayscale,
  sepia,
  tint,
  threshold,
  negate,
  sharpen,
  blur,
  median,
  convolve,
];

/** The filter of that name, or undefined. */
export const findFilter = (name: string): Filter | undefined => filters.find((filter) => filter.name === name);
