import type { Sharp } from 'sharp';
import * as z from 'zod';
import { opaqueColour } from '../filters/colour.ts';
import { pixelBytes } from '../filters/pixel-bytes.ts';
import type { ImageState } from '../image/image-state.ts';
import { megapixels } from '../image/traits.ts';
import { flattenedOn, flattenSecondsPerMegapixel } from './flatten-on.ts';
import { defineFormat, type EncodedPicture } from './format.ts';
import { tiffDecodeCost } from './tiff-decode-cost.ts';

/**
 * CPU seconds per megapixel of 8-bit colour, measured on photographs of 12 and 48 megapixels; one thread. Tiles change
 * nothing beyond 15 %, and nothing holds more than rows: 16 to 47 MB, 82 with a pyramid.
 */
const encodeSeconds = {
  none: 0.006,
  packbits: 0.009,
  jpeg: 0.005,
  lzw: 0.045,
  deflate: 0.07,
};

/** Twice the bytes, and their lower halves are noise: 1.8 times as long for LZW, 2.5 for Deflate. */
const deepFactor = 1.3;

/** A quarter more pixels, scaled down one from the other (1.3 measured for Deflate). */
const pyramidFactor = 1.35;

/** The most bytes that offsets of 32 bits reach. */
const classicBytes = 2 ** 32;

/** What a compressed or tiled file takes of its pixels' bytes at most, and with all the levels of a pyramid. */
const largestShare = { flat: 1.15, pyramid: 1.6 };

/** Tiles are made of blocks of 16 x 16 pixels (TIFF 6.0, section 15). */
const tileSide = z.int().min(16).max(32_768).multipleOf(16);

const options = z
  .strictObject({
    compression: z
      .enum(['none', 'lzw', 'deflate', 'packbits', 'jpeg'])
      .default('lzw')
      .describe('how pixels are coded; jpeg loses some of their detail'),
    predictor: z
      .enum(['none', 'horizontal'])
      .optional()
      .describe('code differences to the pixel at the left, with lzw and deflate; horizontal'),
    quality: z.int().min(1).max(100).optional().describe('the quality, with jpeg; 80'),
    bitdepth: z.literal([8, 16]).default(8).describe('bits a channel; 16 keeps what the picture has beyond 8'),
    tile: z.boolean().default(false).describe('store tiles instead of strips of rows'),
    tileWidth: tileSide.optional().describe('the width of a tile in pixels; 256'),
    tileHeight: tileSide.optional().describe('the height of a tile in pixels; 256'),
    pyramid: z.boolean().default(false).describe('add the picture at half the size, a quarter and so on, in tiles'),
    bigtiff: z.boolean().default(false).describe('write BigTIFF, even where the file stays below 4 GiB'),
    resolution: z
      .number()
      .min(1)
      .max(100_000)
      .optional()
      .describe("dots per inch; the upload's, or 72 where it says none"),
    background: opaqueColour.default('#ffffff').describe('what transparent parts are laid on, with jpeg'),
  })
  .refine(({ compression, quality }) => quality === undefined || isLossy(compression), {
    error: 'Expected compression: jpeg with quality, which is its alone',
  })
  .refine(({ compression, predictor }) => predictor === undefined || hasPredictor(compression), {
    error: 'Expected compression: lzw or deflate with predictor, which is theirs alone',
  })
  .refine(({ compression, bitdepth }) => bitdepth === 8 || !isLossy(compression), {
    error: 'Expected bitdepth: 8 with compression: jpeg, which has no more, but received 16',
  })
  .refine(({ tile, pyramid, ...side }) => tile || pyramid || (side.tileWidth ?? side.tileHeight) === undefined, {
    error: 'Expected tile: true or pyramid: true with tileWidth or tileHeight',
  })
  .transform(({ predictor, quality, tileWidth, tileHeight, ...tiff }) => ({
    ...tiff,
    ...(hasPredictor(tiff.compression) && { predictor: predictor ?? 'horizontal' }),
    ...(isLossy(tiff.compression) && { quality: quality ?? 80 }),
    ...((tiff.tile || tiff.pyramid) && { tileWidth: tileWidth ?? 256, tileHeight: tileHeight ?? 256 }),
  }));

type Options = z.infer<typeof options>;

/** WebP inside of TIFF is not offered: libtiff refuses grey with it, and takes four inks for red, green, blue and alpha. */
const isLossy = (compression: string): boolean => compression === 'jpeg';
const hasPredictor = (compression: string): boolean => compression === 'lzw' || compression === 'deflate';

/** Whether the file may outgrow offsets of 32 bits, however badly its pixels compress. */
const mayBeBig = (image: ImageState, { pyramid }: Options): boolean =>
  image.width * image.height * image.pages * pixelBytes(image) * largestShare[pyramid ? 'pyramid' : 'flat'] >
  classicBytes;

const inchMillimetres = 25.4;

const encoded = (pipeline: Sharp, options: Options, picture: EncodedPicture): Sharp => {
  const { background, bitdepth, resolution, bigtiff, ...tiff } = options;
  const flat = tiff.compression === 'jpeg' && picture.hasAlpha ? flattenedOn(pipeline, background) : pipeline;
  const perMillimetre = (resolution ?? picture.density ?? 72) / inchMillimetres;
  return flat.tiff({
    predictor: 'none',
    ...tiff,
    bigtiff: bigtiff || mayBeBig(picture, options),
    resolutionUnit: 'inch',
    xres: perMillimetre,
    yres: perMillimetre,
  });
};

/** TIFF, in strips or tiles; becomes a BigTIFF by itself where it could outgrow 4 GiB. */
export const tiff = defineFormat({
  name: 'tiff',
  extension: 'tif',
  contentType: 'image/tiff',
  summary: 'TIFF: for print and archives; lossless but for `jpeg`, with pages, up to 16 bits and any size.',
  notes:
    'Where the file could outgrow 4 GiB it becomes a BigTIFF by itself. CMYK stays CMYK where the output keeps its ' +
    'metadata. The frames of an animation become pages; a `pyramid` has none of its own, and takes the first frame.',
  example: { compression: 'deflate', bitdepth: 16, resolution: 300 },
  options,
  holds: ({ pyramid }) => (pyramid ? [] : ['pages']),
  colours: ['grey', 'rgb', 'cmyk'],
  // libvips holds no picture of 100 million pixels a side (VIPS_MAX_COORD); the format itself would hold 2^32 - 1.
  maxDimension: 99_999_999,
  holdsAlpha: ({ compression }) => compression !== 'jpeg',
  bitDepth: ({ bitdepth }) => bitdepth,
  isLossless: ({ compression }) => !isLossy(compression),
  decodeCost: tiffDecodeCost,
  encodeCost: (image, options) => {
    const { compression, pyramid, bitdepth } = options;
    const bytes = Math.max(1, pixelBytes({ ...image, bitDepth: Math.min(image.bitDepth, bitdepth) }) / 3);
    const factor = (bitdepth > 8 && image.bitDepth > 8 ? deepFactor : 1) * (pyramid ? pyramidFactor : 1);
    return {
      serialSeconds: encodeSeconds[compression] * bytes * factor * megapixels(image),
      parallelSeconds: compression === 'jpeg' && image.hasAlpha ? flattenSecondsPerMegapixel * megapixels(image) : 0,
      heldBytes: 0,
    };
  },
  encode: encoded,
});
