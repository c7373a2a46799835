import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { positions } from '../../../core/filters/position.ts';
import type { ImageState } from '../../../core/image/image-state.ts';
import { comparePixels, decodePixels, type Pixels } from '../../support/compare-pixels.ts';
import { applied, imageState, pictureOf, samplesOf } from './one-pipeline.ts';

const image = imageState({ width: 20, height: 16 });

const made = async (name: string, options: Record<string, unknown>, state: ImageState = image): Promise<Pixels> =>
  decodePixels((await applied(name, options, state)).data);

const original = async (state: ImageState = image): Promise<Pixels> => decodePixels(await pictureOf(state));

/** One pixel: red, green, blue and alpha. */
const at = ({ width, data }: Pixels, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

const same = { mean: 0, max: 0 };

describe('crop', () => {
  it('takes the pixels from left and top on', async () => {
    const part = await made('crop', { left: 7, top: 3, width: 5, height: 4 });
    const whole = await original();
    expect(at(part, 0, 0)).toEqual(at(whole, 7, 3));
    expect(at(part, 4, 3)).toEqual(at(whole, 11, 6));
  });

  it.each([
    ['left top', 0, 0],
    // Of 7 columns and 5 rows that are left over, 4 and 3 are cut off at the left and the top.
    ['centre', 4, 3],
    ['top', 4, 0],
    ['right', 7, 3],
    ['bottom', 4, 5],
    ['left', 0, 3],
    ['right top', 7, 0],
    ['right bottom', 7, 5],
    ['left bottom', 0, 5],
  ])('at %s begins %i from the left and %i from the top', async (position, left, top) => {
    const part = await made('crop', { position, width: 13, height: 11 });
    expect(comparePixels(part, await made('crop', { left, top, width: 13, height: 11 }))).toEqual(same);
  });

  it('cuts what a resize of the same position keeps, wherever that is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...positions),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 16 }),
        async (position, width, height) => {
          fc.pre(width === 20 || height === 16);
          const resized = await made('resize', { width, height, position, fit: 'cover' });
          expect(comparePixels(await made('crop', { position, width, height }), resized)).toEqual(same);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('flip and flop', () => {
  it('flip puts the top row at the bottom, flop the left column at the right', async () => {
    const whole = await original();
    expect(at(await made('flip', {}), 3, 0)).toEqual(at(whole, 3, 15));
    expect(at(await made('flop', {}), 3, 0)).toEqual(at(whole, 16, 0));
  });

  it.each(['flip', 'flop'])('%s twice is the identity', async (name) => {
    const once = (await applied(name, {}, image)).data;
    expect(comparePixels(await decodePixels((await applied(name, {}, image, once)).data), await original())).toEqual(
      same,
    );
  });
});

describe('rotate', () => {
  it('by 90 puts the top left pixel at the top right', async () => {
    const turned = await made('rotate', { angle: 90 });
    expect([turned.width, turned.height]).toEqual([16, 20]);
    expect(at(turned, 15, 0)).toEqual(at(await original(), 0, 0));
  });

  it.each([90, -90, 270])('by %i four times is the identity', async (angle) => {
    let picture = await pictureOf(image);
    let state = image;
    for (let turn = 0; turn < 4; turn += 1) {
      picture = (await applied('rotate', { angle }, state, picture)).data;
      state = { ...state, width: state.height, height: state.width };
    }
    expect(comparePixels(await decodePixels(picture), await original())).toEqual(same);
  });

  it('by -90 is by 270, and by 180 is flip and flop', async () => {
    expect(comparePixels(await made('rotate', { angle: -90 }), await made('rotate', { angle: 270 }))).toEqual(same);
    const flipped = (await applied('flip', {}, image)).data;
    const both = await decodePixels((await applied('flop', {}, image, flipped)).data);
    expect(comparePixels(await made('rotate', { angle: 180 }), both)).toEqual(same);
  });

  it('by other angles fills the corners with the background, in colour also around a grey picture', async () => {
    const corner = async (background: string, state = image) =>
      at(await made('rotate', { angle: 30, background }, state), 0, 0);
    expect(await corner('#00ff00')).toEqual([0, 255, 0, 255]);
    expect((await corner('transparent'))[3]).toBe(0);
    expect(await corner('#00ff00', imageState({ channels: 1 }))).toEqual([0, 255, 0, 255]);
    expect(await corner('#00ff00', imageState({ bitDepth: 16 }))).toEqual([0, 255, 0, 255]);
  });
});

describe('extend', () => {
  const sides = { top: 2, right: 3, bottom: 4, left: 5 };

  it('puts the picture inside, on the background', async () => {
    const [wide, whole] = [await made('extend', { ...sides, background: '#00ff00' }), await original()];
    expect([wide.width, wide.height]).toEqual([28, 22]);
    for (const [x, y] of [
      [0, 0],
      [4, 10],
      [25, 10],
      [10, 18],
    ] as const) {
      expect(at(wide, x, y)).toEqual([0, 255, 0, 255]);
    }
    expect(at(wide, 5, 2)).toEqual(at(whole, 0, 0));
    expect(at(wide, 24, 17)).toEqual(at(whole, 19, 15));
  });

  it('mirrors the picture in its edges, the outermost pixels included', async () => {
    const [wide, whole] = [await made('extend', { ...sides, extendWith: 'mirror' }), await original()];
    for (const distance of [0, 1, 2, 3, 4]) expect(at(wide, 4 - distance, 2)).toEqual(at(whole, distance, 0));
    expect(at(wide, 5, 1)).toEqual(at(whole, 0, 0));
    expect(at(wide, 25, 2)).toEqual(at(whole, 19, 0));
  });

  it('copies the edge, and repeats the picture', async () => {
    const whole = await original();
    expect(at(await made('extend', { ...sides, extendWith: 'copy' }), 0, 9)).toEqual(at(whole, 0, 7));
    expect(at(await made('extend', { ...sides, extendWith: 'repeat' }), 0, 9)).toEqual(at(whole, 15, 7));
  });

  it('adds transparency or colour where its background has any', async () => {
    const corner = async (background: string, state: ImageState) =>
      at(await made('extend', { left: 1, background }, state), 0, 0);
    expect(await corner('#ff000080', image)).toEqual([255, 0, 0, 128]);
    expect(await corner('#ff0000', imageState({ channels: 1 }))).toEqual([255, 0, 0, 255]);
    expect(await corner('#808080', imageState({ channels: 1 }))).toEqual([128, 128, 128, 255]);
    const { samples } = await samplesOf('extend', { left: 1, background: '#ff0000' }, imageState({ bitDepth: 16 }));
    expect(samples.slice(0, 3)).toEqual([65_280, 0, 0]);
  });
});

describe('trim', () => {
  /** A picture of 20 x 16 in a frame of one colour. */
  const framed = async (background: string, state = image): Promise<[ImageState, Buffer]> => {
    const space = state.bitDepth > 8 ? 'rgb16' : 'srgb';
    // Apart: sharp would extend first, and change the frame too.
    const dull = await sharp(await pictureOf(state))
      .linear(0.5, 60 * (state.bitDepth > 8 ? 257 : 1))
      .toColourspace(space)
      .png()
      .toBuffer();
    const picture = await sharp(dull)
      .extend({ top: 3, right: 5, bottom: 4, left: 2, background })
      .toColourspace(space)
      .png()
      .toBuffer();
    return [{ ...state, width: 27, height: 23 }, picture];
  };

  const trimmed = async (given: Record<string, unknown>, [state, picture]: [ImageState, Buffer]) => {
    const { info } = await applied('trim', given, state, picture);
    return [info.width, info.height];
  };

  it.each([8, 16])('leaves what is inside a frame, in %i bits', async (bitDepth) => {
    const state = { ...image, bitDepth };
    expect(await trimmed({}, await framed('white', state))).toEqual([20, 16]);
    expect(await trimmed({ background: 'white' }, await framed('white', state))).toEqual([20, 16]);
    expect(await trimmed({ margin: 2 }, await framed('black', state))).toEqual([24, 20]);
    // The picture's values go from 60 to 187, so a threshold beyond 195 finds nothing in it that differs from white.
    expect(await trimmed({ threshold: 200 }, await framed('white', state))).toEqual([27, 23]);
  });

  it('cuts off one colour only, and leaves a picture of nothing else whole', async () => {
    expect(await trimmed({ background: '#00ff00' }, await framed('white'))).toEqual([27, 23]);
    const even = await sharp({ create: { width: 9, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(await trimmed({}, [imageState({ width: 9, height: 8 }), even])).toEqual([9, 8]);
  });

  it('cuts off what is transparent', async () => {
    expect(await trimmed({}, await framed('transparent'))).toEqual([20, 16]);
  });
});
