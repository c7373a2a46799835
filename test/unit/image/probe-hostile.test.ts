import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import { probe } from '../../../core/image/probe.ts';
import { scanStructure } from '../../../core/image/scan-structure.ts';
import { tag } from '../../../core/image/tiff-tags.ts';
import type { Traits } from '../../../core/image/traits.ts';
import { bufferSource } from './buffer-source.ts';
import { control, frame, gifFile, screen } from './gif-parts.ts';
import { picture } from './picture.ts';
import { short, tiffFile } from './tiff-file.ts';
import * as webp from './webp-parts.ts';

const rich = picture('colour + alpha')
  .withMetadata({ orientation: 6 })
  .withExif({ IFD0: { Copyright: 'someone' } });
const pictures = await Promise.all([
  rich.clone().flatten().jpeg({ progressive: true }).toBuffer(),
  rich.clone().png({ palette: true, progressive: true }).toBuffer(),
  rich.clone().webp().toBuffer(),
  picture().webp({ lossless: true }).toBuffer(),
  rich.clone().avif().toBuffer(),
  gifFile(screen(9, 9, 3), control(true), frame(9, 9), frame(5, 5, { left: 3, tableBits: 2 })),
  webp.animated(16, 16, [webp.frame(16, 16, await webp.lossyChunk(picture('colour', 16, 16)))]),
  tiffFile({ pages: [{}, {}] }),
  tiffFile({
    order: 'MM',
    big: true,
    pages: [{ fields: { [tag.tileWidth]: short(16), [tag.tileHeight]: short(16) } }],
  }),
  picture().tiff({ compression: 'jpeg', tile: true, tileWidth: 32, tileHeight: 32 }).toBuffer(),
]);
const anyPicture = fc.constantFrom(...pictures);

/** Whatever the bytes behind a header: exact frames or a reasoned rejection, and hardly more read than there is. */
const expectScanOrRejection = async (bytes: Uint8Array, traits: Traits): Promise<void> => {
  const source = bufferSource(bytes);
  try {
    const scanned = await scanStructure(source, traits);
    expect(scanned.frames.known).toBe('exact');
    expect(scanned.frames.count).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
  }
  expect(source.bytesRead()).toBeLessThanOrEqual(10 * bytes.length);
};

/** Whatever the bytes: plausible traits or a reasoned rejection, within the bounds of reading. */
const expectTraitsOrRejection = async (bytes: Uint8Array): Promise<void> => {
  const source = bufferSource(bytes);
  try {
    const traits = await probe(source);
    expect(traits.width).toBeGreaterThan(0);
    expect(traits.height).toBeGreaterThan(0);
    expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(traits.orientation);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16]).toContain(traits.bitDepth);
    expect([1, 2, 3, 4]).toContain(traits.channels);
    await expectScanOrRejection(bytes, traits);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error).toHaveProperty('code', expect.stringMatching(/^(EmptyFile|UnsupportedFormat|UnreadableHeader)$/));
  }
  expect(source.reads.length).toBeLessThanOrEqual(32);
  expect(source.bytesRead()).toBeLessThanOrEqual(1024 * 1024);
  for (const { offset, length } of source.reads) {
    expect(length).toBeGreaterThan(0);
    expect(offset + length).toBeLessThanOrEqual(bytes.length);
  }
};

describe('probe of damaged pictures', () => {
  it('survives every way of cutting a picture off', async () => {
    for (const bytes of pictures) {
      for (let length = 0; length < Math.min(bytes.length, 1500); length++) {
        await expectTraitsOrRejection(bytes.subarray(0, length));
      }
    }
  });

  it('survives changed bytes', async () => {
    const changes = fc.array(fc.tuple(fc.nat(900), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyPicture, changes, async (bytes, replaced) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of replaced) {
          damaged[at % damaged.length] = value;
        }
        await expectTraitsOrRejection(damaged);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives a stretch of a picture replaced, removed or repeated', async () => {
    const stretch = fc.record({ from: fc.nat(600), length: fc.nat(60), by: fc.uint8Array({ maxLength: 60 }) });
    await fc.assert(
      fc.asyncProperty(anyPicture, stretch, fc.boolean(), async (bytes, { from, length, by }, repeats) => {
        const middle = repeats ? bytes.subarray(from, from + 2 * length) : by;
        await expectTraitsOrRejection(Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(from + length)]));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives anything behind a signature', async () => {
    const signatures = [4, 8, 12, 24, 40].flatMap((length) => pictures.map((bytes) => bytes.subarray(0, length)));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 300 }), async (signature, rest) => {
        await expectTraitsOrRejection(Buffer.concat([signature, rest]));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['JPEG fill bytes', [0xff, 0xd8], [0xff]],
    ['JPEG zeros of coded data', [0xff, 0xd8], [0xff, 0]],
    ['empty JPEG segments', [0xff, 0xd8], [0xff, 0xe0, 0, 2]],
    ['empty boxes', [0, 0, 0, 12, ...Buffer.from('ftypavif')], [0, 0, 0, 8, ...Buffer.from('free')]],
    ['empty GIF comments', [...Buffer.from('GIF89a\x09\0\x09\0\0\0\0', 'latin1')], [0x21, 0xfe, 0]],
    [
      'empty WebP chunks',
      [...Buffer.from('RIFF\xf0\xff\xff\x7fWEBPVP8X\x0a\0\0\0\x08\0\0\0\x09\0\0\x09\0\0', 'latin1')],
      [...Buffer.from('ABCD\0\0\0\0')],
    ],
  ])('does not read on and on through %s', async (_, start, filling) => {
    const source = bufferSource(Buffer.concat([Buffer.from(start), Buffer.alloc(2_000_000, Buffer.from(filling))]));
    await expect(probe(source)).rejects.toMatchObject({ code: 'UnreadableHeader' });
    expect(source.bytesRead()).toBeLessThanOrEqual(1024 * 1024);
  });
});
