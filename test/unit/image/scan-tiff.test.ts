import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { scanStructure } from '../../../core/image/scan-structure.ts';
import { tag } from '../../../core/image/tiff-tags.ts';
import { bufferSource } from './buffer-source.ts';
import { expectScanAsSharp } from './expect-as-sharp.ts';
import { segment } from './jpeg-parts.ts';
import { picture } from './picture.ts';
import { type Field, greyBlock, long, type Page, short, tiffFile } from './tiff-file.ts';

const scan = async (bytes: Buffer) => scanStructure(bufferSource(bytes), await probe(bufferSource(bytes)));
const loadsTogether = async (bytes: Buffer): Promise<boolean> => {
  try {
    await sharp(bytes, { pages: -1 }).metadata();
    return true;
  } catch {
    return false;
  }
};
const tiled = (fields: Record<number, Field> = {}, blocks?: Uint8Array[]): Page => ({
  fields: { [tag.tileWidth]: short(16), [tag.tileHeight]: short(16), ...fields },
  ...(blocks && { blocks }),
});

describe('scanStructure of TIFF', () => {
  it('knows pages apart that have palettes or kinds of alpha of their own, which libvips reads of one page only', async () => {
    const palette = (shift: number): Page => ({
      fields: {
        [tag.photometric]: short(3),
        [tag.colourMap]: short(...Array.from({ length: 768 }, (_, index) => (index * 97 + shift) % 65_536)),
      },
    });
    const alpha = (kind: number): Page => ({
      fields: {
        [tag.photometric]: short(2),
        [tag.samples]: short(4),
        [tag.bits]: short(8, 8, 8, 8),
        [tag.extraSamples]: short(kind),
      },
      blocks: [new Uint8Array(1024)],
    });
    for (const kind of [palette, alpha]) {
      expect((await scan(tiffFile({ pages: [kind(1), kind(1)] }))).hasEqualFrames).toBe(true);
      expect((await scan(tiffFile({ pages: [kind(1), kind(2)] }))).hasEqualFrames).toBe(false);
    }
  });

  it.each([1, 2, 40])('counts %i equal pages as sharp does', async (count) => {
    for (const big of [false, true]) {
      const bytes = tiffFile({ big, order: big ? 'MM' : 'II', pages: Array.from({ length: count }, () => ({})) });
      expect(await expectScanAsSharp(bytes)).toMatchObject({
        frames: { count, known: 'exact' },
        hasEqualFrames: true,
      });
      expect(await loadsTogether(bytes)).toBe(true);
    }
  });

  it.each([
    ['height', { [tag.height]: short(8) }],
    ['number of samples', { [tag.samples]: short(2), [tag.bits]: short(8, 8) }],
    ['depth', { [tag.bits]: short(16) }],
    ['meaning', { [tag.photometric]: short(0) }],
    ['coding', { [tag.coding]: short(5) }],
    ['orientation', { [tag.orientation]: short(6) }],
    [
      'strips',
      { [tag.rowsPerStrip]: short(8), [tag.stripOffsets]: long(8, 136), [tag.stripByteCounts]: long(128, 128) },
    ],
    ['kind of numbers, which cannot be decoded,', { [tag.sampleFormat]: short(3), [tag.bits]: short(32) }],
  ])(
    'knows that pages of another %s are not loaded together, as sharp does',
    async (_, fields: Record<number, Field>) => {
      const bytes = tiffFile({ pages: [{}, { fields, blocks: [Buffer.alloc(1024)] }, {}] });
      expect(await expectScanAsSharp(bytes)).toMatchObject({ frames: { count: 3 }, hasEqualFrames: false });
      expect(await loadsTogether(bytes)).toBe(false);
    },
  );

  it('takes a pyramid for pages of different sizes', async () => {
    const bytes = await picture('colour', 600, 400)
      .tiff({ compression: 'lzw', tile: true, tileWidth: 128, tileHeight: 128, pyramid: true })
      .toBuffer();
    const { frames, hasEqualFrames } = await expectScanAsSharp(bytes);
    expect(frames.count).toBeGreaterThan(1);
    expect(hasEqualFrames).toBe(false);
  });

  it.each([
    ['leads back to the first page', () => tiffFile({ pages: [{}, {}, { next: tiffFile().readUInt32LE(4) }] })],
    ['leads out of the file', () => tiffFile({ pages: [{}, { next: 1e6 }] })],
  ])('refuses a chain that %s', async (_, file) => {
    await expect(scan(file())).rejects.toMatchObject({ name: 'InvalidInputError', code: 'UnreadableHeader' });
  });

  it('accepts 20,000 pages and refuses one more', async () => {
    const file = (count: number) => tiffFile({ pages: Array.from({ length: count }, () => ({ blocks: [], fields })) });
    const fields = { [tag.stripOffsets]: long(8), [tag.stripByteCounts]: undefined };
    expect((await scan(file(20_000))).frames.count).toBe(20_000);
    await expect(scan(file(20_001))).rejects.toMatchObject({
      code: 'TooManyFrames',
      message: 'Expected a TIFF of at most 20000 pages but received one of more. Upload it in parts.',
    });
  }, 60_000);

  it('refuses pages that share one long table', async () => {
    const shared = { type: 4, values: [], count: 50_000, at: 16 };
    const page = {
      fields: {
        [tag.height]: long(50_000),
        [tag.rowsPerStrip]: short(1),
        [tag.stripOffsets]: shared,
        [tag.stripByteCounts]: shared,
      },
    };
    const pages = [
      { ...page, blocks: [Buffer.alloc(200_016, 1)] },
      ...Array.from({ length: 9 }, () => ({ ...page, blocks: [] })),
    ];
    await expect(scan(tiffFile({ pages }))).rejects.toMatchObject({ code: 'TooMuchMetadata' });
    expect((await scan(tiffFile({ pages: pages.slice(0, 2) }))).frames.count).toBe(2);
  });

  it('refuses tiles that are far larger than the pages', async () => {
    const page = tiled({
      [tag.width]: short(4096),
      [tag.height]: short(1),
      [tag.tileWidth]: short(8192),
      [tag.tileHeight]: short(8192),
    });
    const file = (count: number) => tiffFile({ pages: Array.from({ length: count }, () => page) });
    expect((await scan(file(3))).frames.count).toBe(3);
    await expect(scan(file(4))).rejects.toMatchObject({ code: 'TooMuchPadding' });
  });

  it('refuses a coded strip of more than the decoder may hold, and knows where it does not matter', async () => {
    const strip = (bytes: number, fields: Record<number, Field> = {}) =>
      scan(tiffFile({ pages: [{ fields: { [tag.stripByteCounts]: long(bytes), ...fields } }] }));
    const lzw = { [tag.coding]: short(5) };
    await strip(49 * 1024 * 1024, lzw);
    await expect(strip(50 * 1024 * 1024, lzw)).rejects.toMatchObject({
      code: 'UnsupportedFormat',
      message: expect.stringContaining('a TIFF with a strip of 50 MiB'),
    });
    await strip(50 * 1024 * 1024);
  });

  it('refuses tables that are too short or out of the file', async () => {
    const strips = {
      [tag.rowsPerStrip]: short(4),
      [tag.stripOffsets]: long(8, 8, 8),
      [tag.stripByteCounts]: long(64, 64, 64),
    };
    await expect(scan(tiffFile({ pages: [{ fields: strips }] }))).rejects.toMatchObject({
      code: 'UnreadableHeader',
      message: expect.stringContaining('the places of 4 strips of a TIFF'),
    });
    const far = { ...strips, [tag.stripOffsets]: { type: 4, values: [], count: 4, at: 1e6 } };
    await expect(
      scan(tiffFile({ pages: [{ fields: { ...far, [tag.stripByteCounts]: long(1, 1, 1, 1) } }] })),
    ).rejects.toMatchObject({
      code: 'UnreadableHeader',
    });
  });

  it('refuses tiles behind the end of the file, which the decoder would fill with anything', async () => {
    const bytes = tiffFile({ pages: [tiled({ [tag.tileOffsets]: long(1e6) })] });
    await expect(scan(bytes)).rejects.toMatchObject({ code: 'UnreadableHeader' });
  });

  it('accepts a tile that several places share, and refuses tiles that overlap', async () => {
    const four = { [tag.width]: short(32), [tag.height]: short(32), [tag.tileByteCounts]: long(256, 256, 256, 256) };
    await scan(tiffFile({ pages: [tiled({ ...four, [tag.tileOffsets]: long(8, 8, 8, 8) })] }));
    await expect(
      scan(tiffFile({ pages: [tiled({ ...four, [tag.tileOffsets]: long(8, 9, 10, 11) })] })),
    ).rejects.toMatchObject({
      code: 'UnreadableHeader',
    });
  });

  it('refuses a JPEG tile of very many scans', async () => {
    const jpeg = await picture('grey', 16, 16).jpeg({ progressive: true }).toBuffer();
    const scans = Array.from({ length: 101 }, () => segment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])));
    const bomb = Buffer.concat([jpeg.subarray(0, -2), ...scans, jpeg.subarray(-2)]);
    const file = (block: Uint8Array) => tiffFile({ pages: [tiled({ [tag.coding]: short(7) }, [block])] });
    await scan(file(jpeg));
    await expect(scan(file(bomb))).rejects.toMatchObject({ code: 'TooManyScans' });
  });

  it('reads little of a large file', async () => {
    const bytes = tiffFile({ pages: [{ blocks: [greyBlock], fields: {} }], behind: Buffer.alloc(3_000_000) });
    const source = bufferSource(bytes);
    await scanStructure(source, await probe(source));
    expect(source.bytesRead()).toBeLessThanOrEqual(128 * 1024);
  });
});
