import * as z from 'zod';
import { type Curve, interpolate } from '../filters/interpolate.ts';
import { heldEncoded, heldPixels } from '../filters/pixel-bytes.ts';
import { decodedState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { defineFormat } from './format.ts';
import { profileSeconds } from './profile-cost.ts';

/** CPU seconds per megapixel of colour; decoder and encoder have one thread. */
const decodeSeconds = { eightBit: 0.008, sixteenBit: 0.025, interlacing: 0.008 };
const encodeSecondsByLevel: Curve = [
  [0, 0.004],
  [1, 0.025],
  [3, 0.036],
  [6, 0.037],
  [9, 0.054],
];
const adaptiveSecondsByLevel: Curve = [
  [0, 0.05],
  [6, 0.12],
  [9, 0.36],
];
/** How much longer 16 bits take (measured: 0.097 and 0.22 at levels 6 and 9). */
const deepFactorByLevel: Curve = [
  [0, 2],
  [6, 2.6],
  [9, 4.1],
];

/** Photographs; fine noise over a whole picture takes up to six times as long. */
const paletteSecondsByEffort: Curve = [
  [1, 0.1],
  [7, 0.56],
  [10, 1.7],
];

/** Bytes per pixel held, measured at 100 megapixels. */
const interlacedDecodeBytes = 3.1;
const paletteBytes = 4.9;
const progressiveBytes = 3.1;

/** sharp's defaults of the options that shape a palette. */
const paletteDefaults = { colours: 256, quality: 100, effort: 7, dither: 1 };

const options = z
  .strictObject({
    compressionLevel: z.int().min(0).max(9).default(6).describe('how hard to compress; the pixels stay the same'),
    adaptiveFiltering: z.boolean().default(false).describe('try every way to predict a row: slower, often smaller'),
    progressive: z.boolean().default(false).describe('interlace, to show the whole picture early'),
    bitdepth: z.literal([8, 16]).default(8).describe('bits a channel; 16 keeps what the picture has beyond 8'),
    palette: z.boolean().default(false).describe('reduce the picture to a palette of at most 256 colours'),
    colours: z.int().min(2).max(256).optional().describe('the most colours of the palette; 256'),
    quality: z.int().min(0).max(100).optional().describe('take fewer colours where this quality is reached; 100'),
    effort: z.int().min(1).max(10).optional().describe('how long to look for the best palette; 7'),
    dither: z.number().min(0).max(1).optional().describe('how strongly missing colours are mixed from others; 1'),
  })
  .refine(
    ({ palette, colours, quality, effort, dither }) =>
      palette || (colours ?? quality ?? effort ?? dither) === undefined,
    {
      error: 'Expected palette: true with colours, quality, effort or dither, which only shape a palette',
    },
  )
  .refine(({ palette, bitdepth }) => !(palette && bitdepth === 16), {
    error: 'Expected bitdepth: 8 with palette: true, whose colours have no more, but received 16',
  })
  .transform(({ colours, quality, effort, dither, ...png }) =>
    png.palette
      ? {
          ...png,
          colours: colours ?? paletteDefaults.colours,
          quality: quality ?? paletteDefaults.quality,
          effort: effort ?? paletteDefaults.effort,
          dither: dither ?? paletteDefaults.dither,
        }
      : png,
  );

/** PNG, 8 bits a channel unless more are asked for; the options of a palette are there only with `palette: true`. */
export const png = defineFormat({
  name: 'png',
  extension: 'png',
  contentType: 'image/png',
  summary: 'PNG: lossless, with transparency; `palette: true` reduces it to at most 256 colours.',
  example: { compressionLevel: 9 },
  options,
  holds: () => [],
  colours: ['grey', 'rgb'],
  // libvips holds no picture of 100 million pixels a side (VIPS_MAX_COORD); the format itself would hold 2^31 - 1.
  maxDimension: 99_999_999,
  holdsAlpha: () => true,
  bitDepth: ({ bitdepth }) => bitdepth,
  isLossless: ({ palette }) => !palette,
  decodeCost: (traits) => {
    const { eightBit, sixteenBit, interlacing } = decodeSeconds;
    const perColour = (traits.bitDepth > 8 ? sixteenBit : eightBit) + (traits.isInterlaced ? interlacing : 0);
    return {
      serialSeconds: perColour * Math.max(1, traits.channels / 3) * megapixels(traits) + profileSeconds(traits),
      parallelSeconds: 0,
      heldBytes: traits.isInterlaced ? heldPixels(decodedState(traits), interlacedDecodeBytes) : 0,
    };
  },
  encodeCost: (image, png) => {
    const byLevel = png.adaptiveFiltering ? adaptiveSecondsByLevel : encodeSecondsByLevel;
    const isDeep = png.bitdepth > 8 && image.bitDepth > 8;
    const seconds =
      interpolate(byLevel, png.compressionLevel) * (isDeep ? interpolate(deepFactorByLevel, png.compressionLevel) : 1) +
      ('effort' in png ? interpolate(paletteSecondsByEffort, png.effort) : 0);
    return {
      serialSeconds: seconds * Math.max(1, image.channels / 3) * megapixels(image),
      parallelSeconds: 0,
      heldBytes:
        (png.palette ? heldEncoded(image, paletteBytes) : 0) +
        (png.progressive ? heldEncoded(image, progressiveBytes) : 0),
    };
  },
  // sharp writes 16 bits where it is handed them.
  encode: (pipeline, { bitdepth: _, ...png }) => pipeline.png(png),
});
