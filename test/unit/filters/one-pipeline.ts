import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { expect } from 'vitest';
import type { Filter } from '../../../core/filters/filter.ts';
import { findFilter } from '../../../core/filters/registry.ts';
import type { ImageState } from '../../../core/image/image-state.ts';

/** Any picture of a size: its content does not matter. */
export const imageState = (changes: Partial<ImageState> = {}): ImageState => {
  const channels = changes.channels ?? 3;
  const hasAlpha = channels === 2 || channels === 4;
  return { width: 40, height: 30, pages: 1, channels, bitDepth: 8, hasAlpha, orientation: 1, ...changes };
};

/** A picture in that state, as a PNG with noise that is the same every time; 16 bits a channel above 8. */
export const pictureOf = ({ width, height, channels, bitDepth, orientation }: ImageState): Promise<Buffer> => {
  const noise = (index: number) => (index * 7919 + (index >> 3) * 31) % 256;
  const length = width * height * channels;
  const data =
    bitDepth > 8
      ? Uint16Array.from({ length }, (_, index) => noise(index) * 257 - (noise(index) > 0 ? index % 200 : 0))
      : Uint8Array.from({ length }, (_, index) => noise(index));
  const raw = sharp(data, { raw: { width, height, channels: toChannels(channels) } });
  const tagged = orientation === 1 ? raw : raw.withMetadata({ orientation });
  return tagged.toColourspace(spaceOf({ channels, bitDepth })).png().toBuffer();
};

/** The name of the colours that a picture has inside libvips. */
export const spaceOf = ({ channels, bitDepth }: Pick<ImageState, 'channels' | 'bitDepth'>): string => {
  if (channels < 3) return bitDepth > 8 ? 'grey16' : 'b-w';
  return bitDepth > 8 ? 'rgb16' : 'srgb';
};

const toChannels = (channels: number): 1 | 2 | 3 | 4 => {
  if (channels === 1 || channels === 2 || channels === 3 || channels === 4) return channels;
  throw new Error(`Expected 1 to 4 channels but received ${channels}`);
};

export type Applied = { data: Buffer; info: OutputInfo };

/**
 * What sharp makes of a picture (encoded) with one filter in a pipeline of its own: a PNG of 8 bits, in colour from its
 * start where the filter brings colour into a grey picture.
 */
export const applied = async (
  name: string,
  options: Record<string, unknown>,
  image: ImageState,
  picture?: Buffer,
): Promise<Applied> => {
  const pipeline = pipelineOf(registered(name), options, image, picture ?? (await pictureOf(image)));
  return pipeline.png().toBuffer({ resolveWithObject: true });
};

/**
 * The same, as the next pipeline would find it, in the depth and with the channels foretold: how many there are, and
 * the values of all pixels in colour (with alpha where there is any).
 */
export const samplesOf = async (
  name: string,
  options: Record<string, unknown>,
  image: ImageState,
  picture?: Buffer,
): Promise<{ samples: number[]; channels: number }> => {
  const filter = registered(name);
  const result = filter.resultOf(image, filter.options.parse(options));
  const stored = await pipelineOf(filter, options, image, picture ?? (await pictureOf(image)))
    .toColourspace(spaceOf(result))
    .tiff({ compression: 'none', predictor: 'none' })
    .toBuffer();
  const { channels, depth } = await sharp(stored).metadata();
  expect(depth).toBe(result.bitDepth > 8 ? 'ushort' : 'uchar');
  const values = await sharp(stored)
    .toColourspace(spaceOf({ ...result, channels: 3 }))
    .raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' })
    .toBuffer();
  const samples = depth === 'ushort' ? new Uint16Array(values.buffer, values.byteOffset, values.length / 2) : values;
  return { samples: [...samples], channels };
};

const pipelineOf = (filter: Filter, given: Record<string, unknown>, image: ImageState, picture: Buffer): Sharp => {
  const options = filter.options.parse(given);
  const pipeline = filter.apply(sharp(picture), options, image);
  // Of a picture that is never too small: what sharp itself refuses is for it to say.
  const { channels } = filter.resultOf({ ...image, width: 1000, height: 1000 }, options);
  const becomesColour = image.channels < 3 && channels >= 3;
  return becomesColour ? pipeline.pipelineColourspace(image.bitDepth > 8 ? 'rgb16' : 'srgb') : pipeline;
};

/** The filter of that name; a test that names another fails. */
export const registered = (name: string) => {
  const filter = findFilter(name);
  if (filter === undefined) throw new Error(`Expected a registered filter but received ${name}`);
  return filter;
};

/** Whether a schema takes these options. */
export const accepts = (name: string, options: unknown): boolean => registered(name).options.safeParse(options).success;
