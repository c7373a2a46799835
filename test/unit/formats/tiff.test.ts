import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openScene, sceneState } from '../../golden/scene.ts';
import { registered } from './encoded.ts';

const tiff = registered('tiff');

const encoded = (options: Record<string, unknown>, changes: object = {}) =>
  tiff
    .encode(openScene({ channels: 3 }), tiff.options.parse(options), { ...sceneState({ channels: 3 }), ...changes })
    .toBuffer();

/** 42 for TIFF, 43 for BigTIFF. */
const version = (file: Buffer): number => file.readUInt16LE(2);

describe('a TIFF', () => {
  it('has the dots per inch that are asked for, else those of the upload, else 72', async () => {
    const density = async (file: Promise<Buffer>) => (await sharp(await file).metadata()).density;
    expect(await density(encoded({ resolution: 300 }, { density: 240 }))).toBe(300);
    expect(await density(encoded({}, { density: 240 }))).toBe(240);
    expect(await density(encoded({}))).toBe(72);
  });

  it.each<[string, Record<string, unknown>, object, number]>([
    ['small', {}, {}, 42],
    ['small but wanted', { bigtiff: true }, {}, 43],
    ['of 3.3 GB', {}, { width: 33_000, height: 33_000 }, 42],
    ['of 4 GB', {}, { width: 36_000, height: 36_000 }, 43],
    ['of 4 GB in pages', {}, { width: 3600, height: 3600, pages: 100 }, 43],
    ['of 3.3 GB and its pyramid', { pyramid: true }, { width: 33_000, height: 33_000 }, 43],
    ['of 16 bits', { bitdepth: 16 }, { width: 25_000, height: 25_000, bitDepth: 16 }, 43],
  ])('becomes a BigTIFF where it could outgrow 4 GiB: %s', async (_, options, size, expected) => {
    expect(version(await encoded(options, size))).toBe(expected);
  });

  it('is stored in the tiles, and with the levels, that are asked for', async () => {
    const tiled = await encoded({ tile: true, tileWidth: 32, tileHeight: 16 });
    // Tags 322 and 323, TileWidth and TileLength, as shorts or longs.
    const tagOf = (file: Buffer, tag: number): number => {
      const start = file.readUInt32LE(4);
      for (let entry = start + 2; entry < start + 2 + 12 * file.readUInt16LE(start); entry += 12) {
        if (file.readUInt16LE(entry) === tag) return file.readUInt16LE(entry + 8);
      }
      return 0;
    };
    expect([tagOf(tiled, 322), tagOf(tiled, 323)]).toEqual([32, 16]);
    expect(tagOf(await encoded({}), 322)).toBe(0);
    const pyramid = await encoded({ pyramid: true, tileWidth: 16, tileHeight: 16 });
    expect((await sharp(pyramid).metadata()).pages).toBeGreaterThan(2);
  });

  it('with a pyramid has no pages of its own', () => {
    expect(tiff.holds(tiff.options.parse({}))).toEqual(['pages']);
    expect(tiff.holds(tiff.options.parse({ pyramid: true }))).toEqual([]);
  });
});
