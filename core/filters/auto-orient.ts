import * as z from 'zod';
import { megapixels } from '../image/traits.ts';
import { defineFilter } from './filter.ts';
import { spanOf } from './pipeline-order.ts';
import { copyBytesPerPixel, heldPixels } from './pixel-bytes.ts';

/** CPU seconds per megapixel of a quarter turn in memory (measured: rotate 90 of 100 megapixels, less its decode). */
const secondsPerMegapixel = 0.006;

/** EXIF orientations 5 to 8 lie on their side: upright, their width and height are swapped. */
const isSideways = (orientation: number): boolean => orientation >= 5;

/** Turns and mirrors the picture as its EXIF orientation says; the pixels are upright from there on. */
export const autoOrient = defineFilter({
  name: 'autoOrient',
  summary: 'Turns the picture upright, as its EXIF orientation says.',
  notes:
    'Without it the results keep a note of how to turn them, as cameras write it: programs that ignore the note show ' +
    'them on their side.',
  example: {},
  options: z.strictObject({}),
  places: () => [spanOf('autoOrient')],
  isNeeded: (image) => image.orientation !== 1,
  resultOf: (image) => ({
    ...image,
    width: isSideways(image.orientation) ? image.height : image.width,
    height: isSideways(image.orientation) ? image.width : image.height,
    orientation: 1,
  }),
  cost: (image) => ({
    serialSeconds: 0,
    parallelSeconds: secondsPerMegapixel * megapixels(image),
    // Mirroring left and right alone (orientation 2) streams; every turn holds the whole picture.
    heldBytes: image.orientation === 2 ? 0 : heldPixels(image, copyBytesPerPixel),
  }),
  apply: (pipeline) => pipeline.autoOrient(),
});
