import { autoOrient } from './auto-orient.ts';
import { blur } from './blur.ts';
import { crop } from './crop.ts';
import type { Filter } from './filter.ts';
import { flatten } from './flatten.ts';
import { median } from './median.ts';
import { resize } from './resize.ts';
import { sharpen } from './sharpen.ts';

/** Every filter that a recipe can name. */
export const filters: readonly Filter[] = [autoOrient, resize, crop, blur, sharpen, median, flatten];

/** The filter of that name, or undefined. */
export const findFilter = (name: string): Filter | undefined => filters.find((filter) => filter.name === name);
