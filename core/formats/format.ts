import type { Sharp } from 'sharp';
import type { ZodType } from 'zod';
import type { ImageState } from '../image/image-state.ts';
import type { Traits } from '../image/traits.ts';
import type { Cost } from '../predict/cost.ts';

/** One file format: how it is decoded and encoded, and what that costs. */
export type Format<Options = unknown> = {
  /** sharp's name: `jpeg`. */
  name: string;
  /** The extension of written files, without the dot: `jpg`. */
  extension: string;
  contentType: string;
  /** One line for docs/recipes.md. */
  summary: string;
  /** The encoder's options: strict, with every default filled in. */
  options: ZodType<Options>;
  /**
   * What the format can hold of several frames: an `animation` (of GIF or WebP, with its delays), `pages` (of TIFF, or
   * an animation's frames as pages). Of everything else it gets the first frame.
   */
  holds: readonly ('animation' | 'pages')[];
  /** The largest width and height that the format can store. */
  maxDimension: number;
  decodeCost(traits: Traits): Cost;
  /** The cost of encoding this picture. */
  encodeCost(image: ImageState, options: Options): Cost;
  /** Adds the encoder to a sharp pipeline and returns it; `image` is the picture to encode. */
  encode(pipeline: Sharp, options: Options, image: ImageState): Sharp;
};

/** Declares a format, inferring its encoder options' type from the schema. */
export const defineFormat = <Options>(format: Format<Options>): Format<Options> => format;
