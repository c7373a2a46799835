import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { tag } from '../../../core/image/tiff-tags.ts';
import type { Traits } from '../../../core/image/traits.ts';
import { type Field, long, type Page, short, type TiffOptions, tiffFile } from '../image/tiff-file.ts';
import { encoding, jobOf, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

const side = 16;

const render = async (bytes: Uint8Array, changes: Partial<Traits> = {}, steps = [step('flip'), step('flip')]) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload');
  await writeFile(path, bytes);
  const traits = traitsOf({ format: 'tiff', width: side, height: side, channels: 1, ...changes });
  const { outputs } = await renderHere(await jobOf(folder, path, traits, { steps, formats: [encoding('png')] }));
  return sharp(outputs[0]?.path).removeAlpha().toColourspace('srgb').raw().toBuffer();
};

const page = (fields: Record<number, Field>, block: Uint8Array, options: TiffOptions = {}): Buffer =>
  tiffFile({ ...options, pages: [{ fields, blocks: [block] }] });

const block = (length: number, value: (index: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => value(index));

/** The colour of every pixel, from left to right, row by row. */
const colours = (value: (index: number) => [number, number, number]): Buffer =>
  Buffer.from(Array.from({ length: side * side }, (_, index) => value(index)).flat());

const grey = (value: (index: number) => number): Buffer =>
  colours((index) => [value(index), value(index), value(index)]);
const rgb = (index: number): [number, number, number] => [index, 255 - index, (index * 7) % 256];
const channelsOf = (count: number, bits: number) => ({
  [tag.samples]: short(count),
  [tag.bits]: short(...Array(count).fill(bits)),
});
const isRgb = { [tag.photometric]: short(2) };

describe('a damaged tile', () => {
  it.each(['deflate', 'lzw'] as const)('is noticed: %s', async (compression) => {
    const [width, height] = [512, 384];
    const pixels = Buffer.from(Array.from({ length: width * height * 3 }, (_, index) => (index * 7919) % 251));
    const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .tiff({ compression, tile: true, tileWidth: 128, tileHeight: 128 })
      .toBuffer();
    const damaged = Buffer.from(bytes).fill(0x5a, 2000, 6000);
    const changes = { width, height, channels: 3, isTiled: true };
    await expect(render(bytes, changes)).resolves.toHaveLength(pixels.length);
    await expect(render(damaged, changes)).rejects.toMatchObject({ name: 'InvalidInputError', code: 'CorruptImage' });
  });
});

describe('a TIFF of an uncommon kind comes out in its own colours', () => {
  const planes = [0, 1, 2].map((plane) => block(256, (index) => rgb(index)[plane] ?? 0));
  const interleaved = block(768, (index) => rgb(Math.floor(index / 3))[index % 3] ?? 0);
  const palette = short(
    ...[0, 1, 2].flatMap((plane) => Array.from({ length: 256 }, (_, index) => (rgb(index)[plane] ?? 0) * 257)),
  );

  it.each<[string, Uint8Array, Buffer, Partial<Traits>]>([
    [
      'white is 0',
      page(
        { [tag.photometric]: short(0) },
        block(256, (index) => index),
      ),
      grey((index) => 255 - index),
      {},
    ],
    [
      '4 bits',
      page(
        { [tag.bits]: short(4) },
        block(128, (index) => index),
      ),
      grey((index) => (index % 2 === 0 ? index >> 5 : (index >> 1) & 15) * 17),
      { bitDepth: 4 },
    ],
    [
      '1 bit',
      page(
        { [tag.bits]: short(1) },
        block(32, () => 0b1010_1010),
      ),
      grey((index) => (index % 2 === 0 ? 255 : 0)),
      { bitDepth: 1 },
    ],
    [
      '16 bits, high byte first',
      page(
        { [tag.bits]: short(16) },
        block(512, (index) => (index % 2 === 0 ? index >> 1 : 0)),
        { order: 'MM' },
      ),
      grey((index) => index),
      { bitDepth: 16 },
    ],
    [
      '16 bits in a BigTIFF',
      page(
        { [tag.bits]: short(16) },
        block(512, (index) => (index % 2 === 1 ? index >> 1 : 0)),
        { big: true },
      ),
      grey((index) => index),
      { bitDepth: 16 },
    ],
    [
      'a palette',
      page(
        { [tag.photometric]: short(3), 320: palette },
        block(256, (index) => index),
      ),
      colours(rgb),
      { channels: 3 },
    ],
    ['colours', page({ ...isRgb, ...channelsOf(3, 8) }, interleaved), colours(rgb), { channels: 3 }],
    [
      'planes of their own',
      tiffFile({ pages: [{ fields: { ...isRgb, ...channelsOf(3, 8), 284: short(2) }, blocks: planes }] }),
      colours(rgb),
      { channels: 3 },
    ],
    [
      'one tile',
      page(
        { [tag.tileWidth]: short(side), 323: short(side) },
        block(256, (index) => index),
      ),
      grey((index) => index),
      { isTiled: true },
    ],
    [
      'Deflate',
      page({ [tag.coding]: short(8) }, deflateSync(block(256, (index) => index))),
      grey((index) => index),
      { compression: 'deflate' },
    ],
    [
      'transparency that was multiplied in',
      page(
        { ...isRgb, ...channelsOf(4, 8), 338: short(1) },
        block(1024, (index) => (index % 4 === 3 ? 128 : 64)),
      ),
      grey(() => 127),
      { channels: 4, hasAlpha: true },
    ],
  ])('%s', async (_, bytes, expected, traits) => {
    const received = await render(bytes, traits);
    const differences = received.map((value, index) => Math.abs(value - (expected[index] ?? 0)));
    expect(received.length).toBe(expected.length);
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });
});

describe('a TIFF that cannot be decoded is refused, and nothing worse', () => {
  const greyPage = (changes: Page): Buffer => tiffFile({ pages: [changes] });

  it.each<[string, Uint8Array, Partial<Traits>]>([
    ['a strip that lies outside of the file', greyPage({ fields: { [tag.stripOffsets]: long(100_000) } }), {}],
    ['a strip that ends outside of the file', greyPage({ fields: { [tag.stripOffsets]: long(200) } }), {}],
    ['fewer bytes than its pixels take', greyPage({ fields: { [tag.height]: short(160) } }), { height: 160 }],
    [
      'rubbish for Deflate',
      page(
        { [tag.coding]: short(8) },
        block(256, (index) => index * 31),
      ),
      { compression: 'deflate' },
    ],
    [
      'rubbish for LZW',
      page(
        { [tag.coding]: short(5) },
        block(256, (index) => index * 31),
      ),
      { compression: 'lzw' },
    ],
    [
      'rubbish for JPEG',
      page(
        { [tag.coding]: short(7) },
        block(256, (index) => index * 31),
      ),
      { compression: 'jpeg' },
    ],
    [
      'Zstandard',
      page(
        { [tag.coding]: short(50_000) },
        block(256, (index) => index),
      ),
      {},
    ],
    ['more pixels than were planned', greyPage({ fields: { [tag.width]: short(32), [tag.height]: short(32) } }), {}],
    ['no directory', tiffFile().subarray(0, 100), {}],
  ])('%s', async (_, bytes, traits) => {
    await expect(render(bytes, traits)).rejects.toMatchObject({ name: 'InvalidInputError', code: 'CorruptImage' });
  });

  it('JPEG data of another size than the page', async () => {
    const path = join(await temporaryFolder(), 'larger.jpg');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#336699' } })
      .jpeg()
      .toFile(path);
    const jpeg = await readFile(path);
    const bytes = page(
      { [tag.coding]: short(7), [tag.photometric]: short(6), ...channelsOf(3, 8), 530: short(2, 2) },
      jpeg,
    );
    await expect(render(bytes, { channels: 3, compression: 'jpeg' })).rejects.toMatchObject({ code: 'CorruptImage' });
  });
});

describe('a TIFF with other things in it than its page', () => {
  it('a count of bytes that says 0 is mended by the decoder', async () => {
    const received = await render(tiffFile({ pages: [{ fields: { [tag.stripByteCounts]: long(0) } }] }));
    expect(received.equals(grey((index) => index))).toBe(true);
  });

  it('a strip that inflates to a hundred thousand times its page stops where the page ends', async () => {
    const bomb = deflateSync(Buffer.concat([block(256, (index) => index), Buffer.alloc(25_000_000, 7)]));
    const received = await render(page({ [tag.coding]: short(8) }, bomb), { compression: 'deflate' });
    expect(received.equals(grey((index) => index))).toBe(true);
  });

  it('directories within directories are not followed, not even in a circle', async () => {
    const received = await render(
      page(
        { 330: long(8) },
        block(256, (index) => index),
      ),
    );
    expect(received.equals(grey((index) => index))).toBe(true);
  });
});
