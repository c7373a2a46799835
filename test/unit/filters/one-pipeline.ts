import sharp, { type OutputInfo } from 'sharp';
import { findFilter } from '../../../core/filters/registry.ts';
import type { ImageState } from '../../../core/image/image-state.ts';

/** Any picture of a size: its content does not matter. */
export const imageState = (changes: Partial<ImageState> = {}): ImageState => {
  const channels = changes.channels ?? 3;
  const hasAlpha = channels === 2 || channels === 4;
  return { width: 40, height: 30, pages: 1, channels, bitDepth: 8, hasAlpha, orientation: 1, ...changes };
};

/** A picture in that state, as a PNG with noise that is the same every time. */
export const pictureOf = ({ width, height, channels, orientation }: ImageState): Promise<Buffer> => {
  const data = Uint8Array.from(
    { length: width * height * channels },
    (_, index) => (index * 7919 + (index >> 3) * 31) % 256,
  );
  const raw = sharp(data, { raw: { width, height, channels: toChannels(channels) } });
  const tagged = orientation === 1 ? raw : raw.withMetadata({ orientation });
  return tagged
    .toColourspace(channels < 3 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();
};

const toChannels = (channels: number): 1 | 2 | 3 | 4 => {
  if (channels === 1 || channels === 2 || channels === 3 || channels === 4) return channels;
  throw new Error(`Expected 1 to 4 channels but received ${channels}`);
};

export type Applied = { data: Buffer; info: OutputInfo };

/** What sharp makes of a picture (encoded) with one filter in a pipeline of its own. */
export const applied = async (
  name: string,
  options: Record<string, unknown>,
  image: ImageState,
  picture?: Buffer,
): Promise<Applied> => {
  const filter = registered(name);
  const pipeline = sharp(picture ?? (await pictureOf(image)));
  return filter.apply(pipeline, filter.options.parse(options), image).png().toBuffer({ resolveWithObject: true });
};

/** The filter of that name; a test that names another fails. */
export const registered = (name: string) => {
  const filter = findFilter(name);
  if (filter === undefined) throw new Error(`Expected a registered filter but received ${name}`);
  return filter;
};

/** Whether a schema takes these options. */
export const accepts = (name: string, options: unknown): boolean => registered(name).options.safeParse(options).success;
