import { avif } from './avif.ts';
import type { Format } from './format.ts';
import { gif } from './gif.ts';
import { jpeg } from './jpeg.ts';
import { png } from './png.ts';
import { tiff } from './tiff.ts';
import { webp } from './webp.ts';

/** Every format that Kadam reads and writes. */
export const formats: readonly Format[] = [jpeg, png, webp, avif, gif, tiff];

/** The format of that name, or undefined. */
export const findFormat = (name: string): Format | undefined => formats.find((format) => format.name === name);
