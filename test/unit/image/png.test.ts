import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { exifBlock, exifPrefix, orientationEntry } from './exif-block.ts';
import { expectAsSharp } from './expect-as-sharp.ts';
import { kinds, picture } from './picture.ts';
import { chunk, imageHeader, pngFile, signature } from './png-parts.ts';

const paletteOf = (entries: number) => chunk('PLTE', Buffer.alloc(entries * 3));

describe('PNG', () => {
  it.each(kinds.flatMap((kind) => [false, true].map((progressive) => [kind, progressive] as const)))(
    'reads %s, interlaced: %s, as sharp does',
    async (kind, progressive) => {
      const traits = await expectAsSharp(await picture(kind).png({ progressive }).toBuffer());
      expect(traits.isInterlaced).toBe(progressive);
    },
  );

  it.each(kinds)('reads 16 bits per channel of %s as sharp does', async (kind) => {
    const space = kind.startsWith('grey') ? 'grey16' : 'rgb16';
    const traits = await expectAsSharp(await picture(kind).toColourspace(space).png().toBuffer());
    expect(traits.bitDepth).toBe(16);
  });

  it.each([2, 4, 16, 256])('reads a palette of %i colours as sharp does', async (colours) => {
    await expectAsSharp(await picture().png({ palette: true, colours }).toBuffer());
    await expectAsSharp(await picture('colour + alpha').png({ palette: true, colours }).toBuffer());
  });

  const depths = [1, 2, 4, 8, 16].flatMap((depth) => [0, 2, 3, 4, 6].map((type) => [depth, type] as const));
  it.each(depths)('accepts depth %i with colour type %i only where sharp does', async (depth, type) => {
    const bytes = pngFile(imageHeader({ depth, type }), ...(type === 3 ? [paletteOf(2)] : []));
    const isAllowed = depth === 8 || (depth === 16 ? type !== 3 : type === 0 || type === 3);
    if (isAllowed) {
      await expectAsSharp(bytes);
    } else {
      await expect(expectAsSharp(bytes)).rejects.toMatchObject({ code: 'UnreadableHeader' });
    }
  });

  it.each([
    ['of grey', 0, [chunk('tRNS', Buffer.alloc(2))], true],
    ['of colour', 2, [chunk('tRNS', Buffer.alloc(6))], true],
    ['of colour, of the wrong length', 2, [chunk('tRNS', Buffer.alloc(5))], false],
    ['of a palette', 3, [paletteOf(2), chunk('tRNS', Buffer.alloc(2))], true],
    ['of more entries than the palette has', 3, [paletteOf(2), chunk('tRNS', Buffer.alloc(3))], false],
    ['before the palette', 3, [chunk('tRNS', Buffer.alloc(2)), paletteOf(2)], false],
  ] as const)('reads transparency %s as sharp does', async (_, type, chunks, hasAlpha) => {
    expect(await expectAsSharp(pngFile(imageHeader({ type }), ...chunks))).toMatchObject({ hasAlpha });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads orientation %i', async (orientation) => {
    expect(await expectAsSharp(await picture().withMetadata({ orientation }).png().toBuffer())).toMatchObject({
      orientation,
      hasProfile: true,
    });
  });

  it('takes orientation from before the data only, and from nothing damaged', async () => {
    const block = exifBlock('MM', [orientationEntry(6)]);
    const late = Buffer.concat([pngFile(imageHeader({})).subarray(0, -12), chunk('eXIf', block), chunk('IEND')]);
    expect(await expectAsSharp(late)).toMatchObject({ orientation: 1 });
    const exif = (bytes: Buffer) => pngFile(imageHeader({}), chunk('eXIf', bytes));
    expect(await expectAsSharp(exif(block))).toMatchObject({ orientation: 6 });
    expect(await expectAsSharp(exif(Buffer.concat([exifPrefix, block])))).toMatchObject({ orientation: 1 });
    expect(await expectAsSharp(exif(block.subarray(0, 15)))).toMatchObject({ orientation: 1 });
  });

  it('reads an embedded profile, and no sRGB mark as one', async () => {
    expect(await expectAsSharp(await picture().withIccProfile('p3').png().toBuffer())).toMatchObject({
      hasProfile: true,
    });
    const marked = pngFile(imageHeader({}), chunk('sRGB', Buffer.alloc(1)));
    expect(await expectAsSharp(marked)).toMatchObject({ hasProfile: false });
  });

  it('counts one frame of an animation, because only the first is decoded', async () => {
    const animated = pngFile(imageHeader({}), chunk('acTL', Buffer.from([0, 0, 0, 9, 0, 0, 0, 0])));
    expect(await expectAsSharp(animated)).toMatchObject({ frames: { count: 1, known: 'exact' } });
  });

  it.each([
    ['no width', pngFile(imageHeader({ width: 0 })), '0 x 5'],
    ['an absurd width', pngFile(imageHeader({ width: 100_000_001 })), '100000001 x 5'],
    ['another interlace method', pngFile(imageHeader({ interlace: 2 })), '0, 0 and 2'],
    ['no header chunk', pngFile(chunk('gAMA', Buffer.alloc(4))), 'a chunk gAMA of 4'],
    ['a palette picture without palette', pngFile(imageHeader({ type: 3 })), 'a PNG palette'],
    ['no data', Buffer.concat([signature, imageHeader({}), chunk('IEND')]), 'the end of the picture'],
    ['a chunk type of no letters', pngFile(imageHeader({}), chunk('1234')), '"1234"'],
    [
      'a chunk past the end',
      Buffer.concat([signature, imageHeader({}), Buffer.from([0x7f, 0xff, 0xff, 0xff]), Buffer.from('tEXt')]),
      'one of 2147483647',
    ],
    ['nothing but the signature', signature, 'a PNG chunk header'],
  ])('says what is wrong with %s', async (_, bytes, message) => {
    await expect(probe(bufferSource(bytes))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'UnreadableHeader',
      message: expect.stringContaining(message),
    });
  });

  it("names Apple's own form of PNG", async () => {
    const crushed = pngFile(chunk('CgBI', Buffer.alloc(4)), imageHeader({}));
    await expect(probe(bufferSource(crushed))).rejects.toMatchObject({
      code: 'UnsupportedFormat',
      message: expect.stringContaining('CgBI'),
    });
  });

  it('skips large chunks without reading them', async () => {
    const bytes = pngFile(
      imageHeader({}),
      chunk('iCCP', Buffer.alloc(600_000)),
      chunk('iTXt', Buffer.alloc(5_000_000)),
      chunk('eXIf', exifBlock('II', [orientationEntry(3)])),
    );
    const source = bufferSource(bytes);
    expect(await probe(source)).toMatchObject({ hasProfile: true, orientation: 3 });
    expect(source.reads).toHaveLength(3);
    expect(source.bytesRead()).toBeLessThanOrEqual(64 * 1024);
  });

  it('gives up on small chunks without an end', async () => {
    const flood = Buffer.concat(Array.from({ length: 100_000 }, () => chunk('teXt')));
    const source = bufferSource(pngFile(imageHeader({}), flood));
    await expect(probe(source)).rejects.toMatchObject({ code: 'UnreadableHeader' });
    expect(source.bytesRead()).toBeLessThanOrEqual(1024 * 1024);
  });
});
