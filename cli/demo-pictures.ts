import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { photoLike } from './photo-like.ts';

/** A picture to upload under `key`; without a `recipe` the rules choose one. */
export type DemoPicture = {
  key: string;
  path: string;
  recipe?: string;
  /** How its job should end. */
  expect: 'done' | 'rejected';
  note: string;
};

type Making = Omit<DemoPicture, 'path'> & { make(): Promise<Uint8Array> | Uint8Array };

// Optimised codes would hold the whole picture in memory for a few per cent of its bytes.
const jpegOptions = { quality: 88, optimiseCoding: false };

/** A photograph as a camera stores it that was held upright: lying on its side, with orientation 6. */
const uprightPhoto = async (): Promise<Buffer> => {
  const { data, info } = await photoLike({ width: 1280, height: 1920, seed: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Not the whole info: it says `premultiplied`, of the composition, and sharp would undo that.
  const { width, height, channels } = info;
  return await sharp(data, { raw: { width, height, channels } })
    .rotate(270)
    .withMetadata({ orientation: 6 })
    .jpeg(jpegOptions)
    .toBuffer();
};

/** A picture with transparent corners. */
const roundedPicture = async (): Promise<Buffer> => {
  const [width, height] = [760, 540];
  const mask = Buffer.from(`<svg width="${width}" height="${height}"><rect width="100%" height="100%" rx="90"/></svg>`);
  const photo = await photoLike({ width, height, seed: 2 }).png().toBuffer();
  return await sharp(photo)
    .composite([{ input: mask, blend: 'dest-in' }])
    .png()
    .toBuffer();
};

/** Many megapixels at little cost: drawn at a sixteenth of them and enlarged. */
const panorama = async (): Promise<Buffer> => {
  const drawn = await photoLike({ width: 2400, height: 1250, seed: 5 }).jpeg({ quality: 95 }).toBuffer();
  return await sharp(drawn).resize(9600, 5000, { kernel: 'cubic' }).jpeg(jpegOptions).toBuffer();
};

/** An upload that broke off: the header is whole, the last half of the coded picture is missing. */
const cutOff = async (): Promise<Buffer> => {
  const whole = await photoLike({ width: 1200, height: 900, seed: 4 }).jpeg(jpegOptions).toBuffer();
  return whole.subarray(0, Math.floor(whole.length / 2));
};

const makings: readonly Making[] = [
  {
    key: 'website/lake.png',
    expect: 'done',
    note: '0.4 megapixels with transparent corners',
    make: roundedPicture,
  },
  {
    key: 'holiday/früh am See.jpg',
    expect: 'done',
    note: '2.5 megapixels, held upright (EXIF orientation 6)',
    make: uprightPhoto,
  },
  {
    key: 'holiday/mountains.jpg',
    recipe: 'thumbnail',
    expect: 'done',
    note: '12 megapixels, with a recipe of its own choice',
    make: () => photoLike({ width: 4000, height: 3000, seed: 0 }).jpeg(jpegOptions).toBuffer(),
  },
  {
    key: 'denoise/panorama.jpg',
    expect: 'done',
    note: '48 megapixels, for a recipe that is slow on purpose',
    make: panorama,
  },
  {
    key: 'holiday/cut off.jpg',
    expect: 'rejected',
    note: 'a JPEG of which the second half is missing',
    make: cutOff,
  },
  {
    key: 'holiday/packing list.jpg',
    expect: 'rejected',
    note: 'a text under the name of a picture',
    make: () => Buffer.from('Tent\nStove\nCamera\nWarm socks\n'),
  },
];

/**
 * Makes the demo's pictures in `dir`: photo-like ones of 0.4 to 48 megapixels and two that are none. The same ones
 * every time, in about five seconds on two cores.
 */
export const makeDemoPictures = (dir: string): Promise<DemoPicture[]> =>
  Promise.all(
    makings.map(async ({ make, ...picture }) => {
      const path = join(dir, basename(picture.key));
      await writeFile(path, await make());
      return { ...picture, path };
    }),
  );
