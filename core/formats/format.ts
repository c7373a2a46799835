import type { Sharp } from 'sharp';
import type { ZodType } from 'zod';
import type { ImageState } from '../image/image-state.ts';
import type { Traits } from '../image/traits.ts';
import type { Cost } from '../predict/cost.ts';

/** Kinds of colour that a picture can be stored in. */
export type ColourKind = 'grey' | 'rgb' | 'cmyk';

/** A picture that is to be encoded, with what only its file says of it. */
export type EncodedPicture = ImageState & {
  /** Dots per inch, where the upload says any. */
  density?: number;
  /** How the upload runs as an animation: milliseconds a frame, and how often, 0 for ever. */
  animation?: { delays: readonly number[]; loop: number };
};

/** One file format: how it is decoded and encoded, and what that costs. */
export type Format<Options = unknown> = {
  /** sharp's name: `jpeg`. */
  name: string;
  /** The extension of written files, without the dot: `jpg`. */
  extension: string;
  contentType: string;
  /** One line for docs/recipes.md. */
  summary: string;
  /** Sentences for docs/recipes.md beyond the summary. */
  notes?: string;
  /** Options as a person writes them in a recipe. */
  example: Readonly<Record<string, unknown>>;
  /** The encoder's options: strict, with every default filled in. */
  options: ZodType<Options>;
  /**
   * What the format can hold of several frames: an `animation` (of GIF or WebP, with its delays), or `pages` (of TIFF,
   * or an animation's frames as pages). Of everything else it gets the first frame.
   */
  holds(options: Options): readonly ('animation' | 'pages')[];
  /** The colours that it can store together with their profile. Others become sRGB, without a profile. */
  colours: readonly ColourKind[];
  /** The largest width and height that the format can store, of one frame. */
  maxDimension: number;
  /** Whether transparency stays; what does not is laid on a background while encoding. */
  holdsAlpha(options: Options): boolean;
  /** Bits a channel that are written at most: pixels with more are rounded. */
  bitDepth(options: Options): number;
  /** Whether every pixel comes out as it went in, so that noise takes as many bytes as its pixels. */
  isLossless(options: Options): boolean;
  /** The cost of decoding so many frames, in one pass from the first on. */
  decodeCost(traits: Traits, frames: number): Cost;
  /** Bytes of scratch space that decoding them takes; absent where it takes none. */
  decodeScratchBytes?(traits: Traits, frames: number): number;
  /** The cost of encoding this picture, all of its pages. */
  encodeCost(image: ImageState, options: Options): Cost;
  /** Adds the encoder to a sharp pipeline and returns it. */
  encode(pipeline: Sharp, options: Options, picture: EncodedPicture): Sharp;
};

/** Declares a format, inferring its encoder options' type from the schema. */
export const defineFormat = <Options>(format: Format<Options>): Format<Options> => format;
