import { findFormat } from '../../../core/formats/registry.ts';
import type { ImageState } from '../../../core/image/image-state.ts';
import type { Traits } from '../../../core/image/traits.ts';

/** The format of that name; a test that names another fails. */
export const registered = (name: string) => {
  const format = findFormat(name);
  if (format === undefined) throw new Error(`Expected a registered format but received ${name}`);
  return format;
};

export const accepts = (name: string, options: unknown): boolean => registered(name).options.safeParse(options).success;

/** A megapixel of colour. */
export const megapixel: ImageState = {
  width: 1000,
  height: 1000,
  pages: 1,
  channels: 3,
  bitDepth: 8,
  hasAlpha: false,
  orientation: 1,
};

/** A file with a megapixel of colour. */
export const fileTraits: Traits = {
  ...megapixel,
  format: 'jpeg',
  frames: { count: 1, known: 'exact' },
  hasProfile: false,
  isInterlaced: false,
  isProgressive: false,
  isCmyk: false,
  isTiled: false,
  hasEqualFrames: true,
  fileBytes: 300_000,
};
