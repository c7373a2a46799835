import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { tag } from '../../../core/image/tiff-tags.ts';
import { bufferSource } from './buffer-source.ts';
import { expectAsSharp, expectScanAsSharp } from './expect-as-sharp.ts';
import { kinds, picture } from './picture.ts';
import { byte, type Field, greyBlock, long, short, tiffFile } from './tiff-file.ts';

const forms = (['II', 'MM'] as const).flatMap((order) => [false, true].map((big) => ({ order, big })));
const page = (fields: Record<number, Field | undefined>, blocks?: Uint8Array[]) =>
  tiffFile({ pages: [{ fields, ...(blocks && { blocks }) }] });
/** Strips of a picture of 16 x 16 with so many bytes a pixel. */
const block = (bytesPerPixel: number) => [Uint8Array.from({ length: 256 * bytesPerPixel }, (_, index) => index % 251)];
const samples = (count: number, bits: number) => ({
  [tag.samples]: short(count),
  [tag.bits]: short(...Array.from({ length: count }, () => bits)),
});
const refused = async (bytes: Uint8Array, code: string, message: string) =>
  await expect(probe(bufferSource(bytes))).rejects.toMatchObject({
    name: 'InvalidInputError',
    code,
    message: expect.stringContaining(message),
  });

describe('TIFF', () => {
  it.each(kinds)('reads %s as sharp does', async (kind) => {
    expect(await expectAsSharp(await picture(kind).tiff({ compression: 'none' }).toBuffer())).toMatchObject({
      frames: { count: 1, known: 'exact' },
      width: 61,
      isTiled: false,
      compression: 'none',
    });
    await expectAsSharp(await picture(kind).tiff({ compression: 'lzw', tile: true, pyramid: false }).toBuffer());
    await expectAsSharp(
      await picture(kind).withIccProfile('p3').tiff({ compression: 'lzw', bigtiff: true }).toBuffer(),
    );
  });

  it.each(['none', 'lzw', 'deflate', 'jpeg', 'packbits', 'webp'] as const)(
    'reads %s, in strips and tiles',
    async (compression) => {
      const strips = await picture().tiff({ compression }).toBuffer();
      expect(await expectScanAsSharp(strips)).toMatchObject({ compression, isTiled: false });
      const tiles = await picture().tiff({ compression, tile: true, tileWidth: 32, tileHeight: 48 }).toBuffer();
      expect(await expectScanAsSharp(tiles)).toMatchObject({ compression, isTiled: true, blockRows: 48 });
    },
  );

  it.each([1, 2, 4] as const)('reads %i bits a sample', async (bitdepth) => {
    const bytes = await picture('grey').tiff({ compression: 'none', bitdepth }).toBuffer();
    expect(await expectAsSharp(bytes)).toMatchObject({ bitDepth: bitdepth, channels: 1 });
  });

  it('reads fax codings, 16 bits, CMYK and Lab of 16 bits', async () => {
    const fax = await picture('grey').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer();
    expect(await expectAsSharp(fax)).toMatchObject({ bitDepth: 1, compression: 'ccittfax4' });
    const wide = await picture().toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer();
    expect(await expectAsSharp(wide)).toMatchObject({ bitDepth: 16, channels: 3 });
    const inks = await picture().toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer();
    expect(await expectAsSharp(inks)).toMatchObject({ isCmyk: true, channels: 4, hasAlpha: false });
    const lab = page({ [tag.photometric]: short(8), ...samples(3, 16) }, block(6));
    expect(await expectAsSharp(lab)).toMatchObject({ bitDepth: 16, channels: 3, isCmyk: false });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads orientation %i', async (orientation) => {
    const bytes = await picture().withMetadata({ orientation }).tiff().toBuffer();
    expect(await expectAsSharp(bytes)).toMatchObject({ orientation, width: 61, height: 37 });
  });

  it.each(forms)('reads $order, BigTIFF $big', async (form) => {
    expect(await expectScanAsSharp(tiffFile(form))).toMatchObject({ width: 16, height: 16, channels: 1, bitDepth: 8 });
    const pages = [
      { fields: { [tag.photometric]: short(2), ...samples(3, 8), [tag.orientation]: short(6) }, blocks: block(3) },
    ];
    expect(await expectScanAsSharp(tiffFile({ ...form, pages }))).toMatchObject({ channels: 3, orientation: 6 });
  });

  it.each([
    ['black on white', { [tag.photometric]: short(0) }, 1, { channels: 1 }],
    ['grey with alpha', { ...samples(2, 8), 338: short(2) }, 2, { channels: 2, hasAlpha: true }],
    ['grey with alpha that is not announced', samples(2, 8), 2, { channels: 2, hasAlpha: true }],
    ['colour with alpha', { [tag.photometric]: short(2), ...samples(4, 8), 338: short(1) }, 4, { channels: 4 }],
    ['one bit count for all samples', { [tag.photometric]: short(2), [tag.samples]: short(3) }, 3, { channels: 3 }],
    [
      'planes',
      {
        [tag.photometric]: short(2),
        ...samples(3, 8),
        [tag.planes]: short(2),
        [tag.stripOffsets]: long(8, 8, 8),
        [tag.stripByteCounts]: long(256, 256, 256),
      },
      3,
      { channels: 3, blockRows: 16 },
    ],
    [
      'subsampled YCbCr',
      { [tag.photometric]: short(6), ...samples(3, 8), [tag.ycbcrSubsampling]: short(2, 2) },
      3,
      { channels: 4 },
    ],
    ['sizes in LONG', { [tag.width]: long(16), [tag.height]: long(16) }, 1, { width: 16 }],
    ['samples of an undefined kind', { [tag.sampleFormat]: short(4) }, 1, { channels: 1 }],
  ])('reads %s', async (_, fields, bytes, expected) => {
    expect(await expectAsSharp(page(fields, block(bytes)))).toMatchObject(expected);
  });

  it.each([
    ['in colours', (index: number) => index * 300, 3],
    ['all of greys', (index: number) => (index % 256) * 257, 1],
  ])('reads a palette %s', async (_, entry, channels) => {
    const map = short(...Array.from({ length: 768 }, (_unused, index) => entry(index) % 65_536));
    const bytes = page({ [tag.photometric]: short(3), [tag.colourMap]: map });
    expect(await expectAsSharp(bytes)).toMatchObject({ channels, bitDepth: 8, hasAlpha: false });
    const withAlpha = page({ [tag.photometric]: short(3), [tag.colourMap]: map, ...samples(2, 8) }, block(2));
    expect(await expectAsSharp(withAlpha)).toMatchObject({ channels: channels + 1, hasAlpha: true });
  });

  it('says how many rows are decoded together', async () => {
    const rows = async (fields: Record<number, Field>, blocks?: Uint8Array[]) =>
      (await expectAsSharp(page({ [tag.height]: short(300), ...fields }, blocks))).blockRows;
    const strips = (rowsPerStrip: number) => ({
      [tag.coding]: short(5),
      [tag.rowsPerStrip]: short(rowsPerStrip),
      [tag.stripOffsets]: long(...Array.from({ length: Math.ceil(300 / rowsPerStrip) }, () => 8)),
      [tag.stripByteCounts]: long(...Array.from({ length: Math.ceil(300 / rowsPerStrip) }, () => 256)),
    });
    expect(await rows(strips(40))).toBe(40);
    expect(await rows(strips(128))).toBe(128);
    expect(await rows(strips(129))).toBe(1);
    // libtiff cuts a single uncompressed strip up.
    expect(await rows({ [tag.rowsPerStrip]: short(100), ...{ [tag.height]: short(100) } })).toBe(1);
  });

  it('knows one page exactly, and more as at least two', async () => {
    const one = await probe(bufferSource(tiffFile()));
    expect(one.frames).toEqual({ count: 1, known: 'exact' });
    expect((await expectAsSharp(tiffFile({ pages: [{}, {}, {}] }))).frames).toEqual({ count: 2, known: 'atLeast' });
  });

  it('reads a directory at the end of a large file with one more read', async () => {
    const large = await picture('colour', 900, 700).tiff({ compression: 'none' }).toBuffer();
    for (const bytes of [large, page({ [tag.height]: short(9000) }, [Buffer.alloc(16 * 9000)])]) {
      const source = bufferSource(bytes);
      await probe(source);
      expect(source.reads.length).toBeLessThanOrEqual(2);
      expect(source.bytesRead()).toBeLessThanOrEqual(48 * 1024);
    }
  });

  describe('of ten gigapixels', () => {
    const header = tiffFile({
      big: true,
      pages: [
        {
          fields: {
            [tag.width]: long(125_000),
            [tag.height]: long(80_000),
            [tag.tileWidth]: short(512),
            [tag.tileHeight]: short(512),
            [tag.tileOffsets]: { type: 16, values: [], count: 38_465, at: 1e9 },
            [tag.tileByteCounts]: { type: 16, values: [], count: 38_465, at: 2e9 },
          },
        },
      ],
    });
    it('tells all by its header, in one read', async () => {
      const source = { ...bufferSource(header), size: 1e10 };
      expect(await probe(source)).toMatchObject({ width: 125_000, height: 80_000, isTiled: true, blockRows: 512 });
      expect(source.reads).toHaveLength(1);
    });

    it('is refused where its file could hold them in no way', async () => {
      await refused(
        header,
        'UnreadableHeader',
        "Expected a file of at least 100000 bytes, as the TIFF's 125000 x 80000 pixels take, at byte",
      );
    });
  });

  it.each([
    [6, 'old-style JPEG'],
    [32_809, 'ThunderScan'],
    [34_712, 'JPEG 2000'],
    [34_925, 'LZMA'],
    [50_000, 'Zstandard'],
    [50_002, 'JPEG XL'],
    [12_345, 'number 12345'],
  ])('refuses the coding %i by its name', async (coding, name) => {
    await refused(
      page({ [tag.coding]: short(coding) }),
      'UnsupportedFormat',
      `a TIFF coded as ${name}, which cannot be decoded`,
    );
  });

  it.each([
    ['DNG', { [tag.dngVersion]: byte(1, 4, 0, 0) }, 'a camera raw file (DNG), which has to be developed first'],
    [
      'a thumbnail before the picture',
      { [tag.newSubfileType]: long(1), [tag.subDirectories]: long(8) },
      'a camera raw file',
    ],
    ['the mosaic of a sensor', { [tag.photometric]: { type: 3, values: [32_803] } }, 'a camera raw file'],
    ['floating point', { [tag.sampleFormat]: short(3), [tag.bits]: short(32) }, 'floating-point numbers'],
    ['signed numbers', { [tag.sampleFormat]: short(2) }, 'signed numbers'],
    ['32 bits', { [tag.bits]: short(32) }, '32 bits a sample'],
    ['12 bits', { [tag.bits]: short(12) }, '12 bits a sample'],
    ['JPEG of 16 bits', { [tag.coding]: short(7), [tag.bits]: short(16) }, '16 bits a sample coded as jpeg'],
    [
      'samples of different depths',
      { [tag.samples]: short(3), [tag.bits]: short(5, 6, 5) },
      'different kinds (5, 6, 5)',
    ],
    ['spectral channels', { [tag.photometric]: short(2), ...samples(6, 8) }, '6 samples a pixel'],
    ['CMYK with a spot colour', { [tag.photometric]: short(5), ...samples(5, 8) }, '5 samples a pixel'],
    ['other inks', { [tag.photometric]: short(5), ...samples(4, 8), [tag.inkSet]: short(2) }, 'other inks than CMYK'],
    ['Lab of 8 bits', { [tag.photometric]: short(8), ...samples(3, 8) }, 'Lab in 3 samples of 8 bits'],
    [
      'YCbCr as it is',
      { [tag.photometric]: short(6), ...samples(3, 8), [tag.ycbcrSubsampling]: short(1, 1) },
      'YCbCr without subsampling',
    ],
    ['a mask', { [tag.photometric]: short(4) }, 'a transparency mask'],
    ['packed colours', { [tag.photometric]: short(2), ...samples(3, 4) }, '3 samples of 4 bits'],
    ['odd tiles', { [tag.tileWidth]: short(20), [tag.tileHeight]: short(16) }, 'in tiles of 20 x 16'],
    ['huge tiles', { [tag.tileWidth]: short(8208), [tag.tileHeight]: short(16) }, 'in tiles of 8208 x 16'],
    [
      'tiles in planes',
      {
        [tag.photometric]: short(2),
        ...samples(3, 8),
        [tag.planes]: short(2),
        [tag.tileWidth]: short(16),
        [tag.tileHeight]: short(16),
      },
      'a plane for each colour',
    ],
  ])('refuses %s', async (_, fields: Record<number, Field>, message) => {
    await refused(page(fields, block(8)), 'UnsupportedFormat', message);
  });

  it('refuses Canon raw files, which begin as a TIFF', async () => {
    const bytes = tiffFile({ behind: greyBlock });
    bytes.write('CR\x02', 8, 'latin1');
    await refused(bytes, 'UnsupportedFormat', 'a camera raw file (TIFF-based)');
  });

  const wrong = (at: number, value: number, bytes = tiffFile()): Buffer => {
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  it.each([
    ['no directory', wrong(4, 0), 'the offset of a TIFF directory'],
    ['a directory behind the file', wrong(4, 1e6), 'bytes of a TIFF directory'],
    ['a directory of no fields', wrong(8, 0, wrong(4, 8)), 'a TIFF directory of 1 to 4096 fields'],
    ['a directory of too many fields', wrong(8, 4097, wrong(4, 8)), 'but received one of 4097'],
    ['a next page behind the file', tiffFile({ pages: [{ next: 1e6 }] }), 'another TIFF page'],
    ['no width', page({ [tag.width]: undefined }), '0 x 16'],
    ['an absurd height', page({ [tag.height]: long(100_000_000) }), '16 x 100000000'],
    ['no meaning', page({ [tag.photometric]: undefined }), 'the meaning of its samples'],
    ['no data', page({ [tag.stripOffsets]: undefined }), 'the places of its data'],
    ['a palette of no colours', page({ [tag.photometric]: short(3) }), 'a TIFF palette of 768 numbers'],
    [
      'a palette behind the file',
      page({ [tag.photometric]: short(3), [tag.colourMap]: { type: 3, values: [], count: 768, at: 1e6 } }),
      'the values of a TIFF field',
    ],
    ['a width that is no number', page({ [tag.width]: { type: 2, values: [16] } }), 'a TIFF field of whole numbers'],
    ['one side of tiles', page({ [tag.tileWidth]: short(16) }), 'both sides of the tiles'],
    ['half a BigTIFF header', tiffFile({ big: true }).subarray(0, 12), '12 bytes of a TIFF header'],
    ['offsets of 4 bytes in a BigTIFF', wrong(4, 4, tiffFile({ big: true })), 'offsets of 8 bytes'],
  ])('says what is wrong with %s', async (_, bytes, message) => {
    await refused(bytes, 'UnreadableHeader', message);
  });

  it('takes the first of fields that come twice, as sharp does', async () => {
    const bytes = tiffFile();
    const directory = bytes.readUInt32LE(4);
    // The second entry becomes another width.
    bytes.writeUInt16LE(tag.width, directory + 2 + 12);
    bytes.writeUInt16LE(99, directory + 2 + 12 + 8);
    await refused(bytes, 'UnreadableHeader', '16 x 0');
  });

  it('renders what it accepts to the right grey', async () => {
    const [first = 0] = await sharp(tiffFile({ order: 'MM', big: true }))
      .raw()
      .toBuffer();
    expect(first).toBe(greyBlock[0]);
  });
});
