import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { exifBlock, exifPrefix, orientationEntry } from './exif-block.ts';
import { expectAsSharp } from './expect-as-sharp.ts';
import { patched } from './jpeg-parts.ts';
import { kinds, picture } from './picture.ts';
import { canvas, chunk, riff } from './webp-parts.ts';

const lossy = await picture().webp().toBuffer();
/** The lossy picture's one chunk. */
const bitstream = lossy.subarray(12);
const lossless = await picture().webp({ lossless: true }).toBuffer();

describe('WebP', () => {
  it.each(
    kinds.flatMap((kind) =>
      [{}, { lossless: true }, { nearLossless: true }].map((options) => [kind, options] as const),
    ),
  )('reads %s with %o as sharp does', async (kind, options) => {
    await expectAsSharp(await picture(kind).webp(options).toBuffer());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads orientation %i, with alpha and without', async (orientation) => {
    for (const kind of ['colour', 'colour + alpha'] as const) {
      const bytes = await picture(kind).withMetadata({ orientation }).webp().toBuffer();
      expect(await expectAsSharp(bytes)).toMatchObject({ orientation, hasProfile: true, width: 61, height: 37 });
    }
  });

  it('believes what the extended header announces, as sharp does', async () => {
    const bytes = await picture().withMetadata({ orientation: 8 }).webp().toBuffer();
    expect(await expectAsSharp(patched(bytes, 20, 0x20))).toMatchObject({ orientation: 1, hasProfile: true });
    expect(await expectAsSharp(patched(bytes, 20, 0x08))).toMatchObject({ orientation: 8, hasProfile: false });
    expect(await expectAsSharp(riff(canvas(0x20, 61, 37), bitstream))).toMatchObject({ hasProfile: false });
    expect(await expectAsSharp(patched(bytes, 20, 0x38))).toMatchObject({ hasAlpha: true, channels: 4 });
  });

  it('reads the first EXIF block, with the prefix of JPEG or without, behind chunks of odd length', async () => {
    const exif = (orientation: number, prefix = Buffer.alloc(0)) =>
      chunk('EXIF', Buffer.concat([prefix, exifBlock('MM', [orientationEntry(orientation)])]));
    const odd = chunk('ABCD', Buffer.alloc(3));
    const file = (...chunks: Buffer[]) => riff(canvas(0x08, 61, 37), bitstream, odd, ...chunks);
    expect(await expectAsSharp(file(exif(5), exif(3)))).toMatchObject({ orientation: 5 });
    expect(await expectAsSharp(file(exif(7, exifPrefix)))).toMatchObject({ orientation: 7 });
    expect(await expectAsSharp(file())).toMatchObject({ orientation: 1 });
  });

  it('finds the EXIF block behind a large picture with one more read', async () => {
    const bytes = await picture('colour', 700, 500).withMetadata({ orientation: 6 }).webp({ quality: 100 }).toBuffer();
    expect(bytes.length).toBeGreaterThan(64 * 1024);
    const source = bufferSource(bytes);
    expect(await probe(source)).toMatchObject({ orientation: 6, width: 700 });
    expect(source.reads).toHaveLength(2);
    expect(source.bytesRead()).toBeLessThanOrEqual(48 * 1024);
  });

  it('knows the frames of an animation as at least one', async () => {
    const pixels = Uint8Array.from({ length: 20 * 60 * 3 }, (_, index) => (index * 7919) >> 3);
    const animation = await sharp(pixels, { raw: { width: 20, height: 60, channels: 3, pageHeight: 20 } })
      .webp({ delay: [100, 100, 100] })
      .toBuffer();
    expect((await sharp(animation).metadata()).pages).toBe(3);
    const traits = await expectAsSharp(animation);
    expect(traits).toMatchObject({ width: 20, height: 20, frames: { count: 1, known: 'atLeast' } });
  });

  it('ignores bytes behind the end', async () => {
    await expectAsSharp(Buffer.concat([lossy, Buffer.alloc(99)]));
  });

  it.each([
    ['a file cut off', lossy.subarray(0, -20), `a file of ${lossy.length - 20}`],
    ['an unknown first chunk', riff(chunk('ABCD', Buffer.alloc(4))), '"ABCD"'],
    ['a chunk past the end', patched(lossy, 16, 0xff, 0xff), 'a WebP chunk that ends by byte'],
    ['no start code', patched(lossy, 23, 0), 'start code 9d 01 2a'],
    ['no key frame', patched(lossy, 20, lossy.readUInt8(20) | 1), 'key frame'],
    ['no width', patched(lossy, 26, 0, 0), '0 x 37'],
    ['another lossless signature', patched(lossless, 20, 0x2e), '2e, version 0'],
    [
      'a lossless bitstream of 2 bytes',
      riff(chunk('VP8L', Buffer.from([0x2f, 0]))),
      'more bytes of a lossless WebP header',
    ],
    ['a canvas of another size', riff(canvas(0, 62, 37), bitstream), 'a picture as large as its canvas, 62 x 37'],
    ['a canvas past the limit', riff(canvas(0, 16_384, 37), bitstream), '16384 x 37'],
    ['a canvas and nothing on it', riff(canvas(0, 61, 37)), 'WebP picture data'],
    ['nothing but its type', Buffer.from('RIFF\x04\0\0\0WEBP', 'latin1'), 'a WebP chunk header'],
  ])('says what is wrong with %s', async (_, bytes, message) => {
    await expect(probe(bufferSource(bytes))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'UnreadableHeader',
      message: expect.stringContaining(message),
    });
    await expect(sharp(bytes).metadata()).rejects.toThrow();
  });
});
