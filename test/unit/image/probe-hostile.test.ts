import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../core/errors.ts';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { picture } from './picture.ts';

const rich = picture('colour + alpha')
  .withMetadata({ orientation: 6 })
  .withExif({ IFD0: { Copyright: 'someone' } });
const pictures = await Promise.all([
  rich.clone().flatten().jpeg({ progressive: true }).toBuffer(),
  rich.clone().png({ palette: true, progressive: true }).toBuffer(),
  rich.clone().webp().toBuffer(),
  picture().webp({ lossless: true }).toBuffer(),
  rich.clone().avif().toBuffer(),
]);
const anyPicture = fc.constantFrom(...pictures);

/** Whatever the bytes: plausible traits or a reasoned rejection, within the bounds of reading. */
const expectTraitsOrRejection = async (bytes: Uint8Array): Promise<void> => {
  const source = bufferSource(bytes);
  try {
    const traits = await probe(source);
    expect(traits.width).toBeGreaterThan(0);
    expect(traits.height).toBeGreaterThan(0);
    expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(traits.orientation);
    expect([1, 2, 4, 8, 10, 12, 16]).toContain(traits.bitDepth);
    expect([1, 2, 3, 4]).toContain(traits.channels);
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
