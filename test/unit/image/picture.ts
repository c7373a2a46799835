import sharp, { type Sharp } from 'sharp';

type Kind = 'colour' | 'colour + alpha' | 'grey' | 'grey + alpha';
export const kinds: readonly Kind[] = ['colour', 'colour + alpha', 'grey', 'grey + alpha'];

/** A small picture that is no flat colour, so that every encoder has something to encode. */
export const picture = (kind: Kind = 'colour', width = 61, height = 37): Sharp => {
  const channels = kind === 'grey' ? 1 : kind === 'grey + alpha' ? 2 : kind === 'colour' ? 3 : 4;
  // A multiplication spreads the index over all bits: the same noise every time.
  const pixels = Uint8Array.from({ length: width * height * channels }, (_, index) => {
    const mixed = Math.imul(index ^ (index >>> 7), 0x9e3779b1);
    return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 24;
  });
  const image = sharp(pixels, { raw: { width, height, channels } });
  return channels < 3 ? image.toColourspace('b-w') : image;
};
