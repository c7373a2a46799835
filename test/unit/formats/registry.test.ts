import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { findFormat, formats } from '../../../core/formats/registry.ts';
import { inputFormats } from '../../../core/image/traits.ts';
import { formatCases } from '../../golden/cases.ts';
import { openScene, sceneState } from '../../golden/scene.ts';
import { fileTraits, megapixel, registered } from './encoded.ts';

describe('the registry of formats', () => {
  it('has every format that Kadam reads, and no other', () => {
    expect(formats.map(({ name }) => name).sort()).toEqual([...inputFormats].sort());
    expect(findFormat('bmp')).toBeUndefined();
  });

  it('says how the web knows them', () => {
    expect(formats.map(({ extension, contentType }) => [extension, contentType])).toEqual([
      ['jpg', 'image/jpeg'],
      ['png', 'image/png'],
      ['webp', 'image/webp'],
      ['avif', 'image/avif'],
      ['gif', 'image/gif'],
      ['tif', 'image/tiff'],
    ]);
  });
});

/** sharp's own call for a format, without any option; of TIFF, sharp's default would be lossy. */
const plainly: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  jpeg: (picture) => picture.jpeg(),
  png: (picture) => picture.png(),
  webp: (picture) => picture.webp(),
  avif: (picture) => picture.avif(),
  gif: (picture) => picture.gif(),
  tiff: (picture) => picture.tiff({ compression: 'lzw', xres: 72 / 25.4, yres: 72 / 25.4 }),
};

/** The schema of each option by its name, as the reference reads it. */
const optionsOf = (schema: unknown): Record<string, { description?: string }> => {
  const inner = z.object({ in: z.unknown() }).safeParse(schema instanceof z.ZodPipe ? { in: schema.in } : undefined);
  if (inner.success) return optionsOf(inner.data.in);
  return schema instanceof z.ZodObject ? schema.shape : {};
};

describe.each(formats)('$name', (format) => {
  const options = format.options.parse({});

  it('is described in one line and shown by a golden', () => {
    expect(format.summary).toMatch(/^[A-Z].{10,118}\.$/);
    expect(formatCases[format.name]?.length).toBeGreaterThan(0);
  });

  it('explains each of its options in one line, and shows some in use', () => {
    const described = optionsOf(format.options);
    expect(Object.keys(described)).toEqual(expect.arrayContaining(Object.keys(options ?? {})));
    for (const [name, { description }] of Object.entries(described)) {
      expect(`${name}: ${description}`).toMatch(/^\w+: [a-z0-9].{8,98}[^.]$/);
    }
    expect(Object.keys(described)).toEqual(expect.arrayContaining(Object.keys(format.example)));
    expect(format.options.safeParse(format.example).success).toBe(true);
  });

  it('refuses options that it does not know', () => {
    expect(format.options.safeParse({ strength: 3 }).success).toBe(false);
  });

  it('takes the options that it filled in, unchanged', () => {
    const all = [{}, ...(formatCases[format.name] ?? []).map((golden) => golden.options)];
    for (const given of all) {
      const parsed = format.options.parse(given);
      expect(format.options.parse(parsed)).toEqual(parsed);
      expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
    }
  });

  it("has sharp's defaults: the same bytes", async () => {
    const encoded = await format.encode(openScene({ channels: 3 }), options, sceneState({ channels: 3 })).toBuffer();
    const plain = await plainly[format.name]?.(openScene({ channels: 3 })).toBuffer();
    expect(encoded.equals(plain ?? Buffer.alloc(0))).toBe(true);
  });

  it('costs a finite time and memory that never fall with the size of the picture', () => {
    const side = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(side, side, fc.boolean(), fc.boolean(), (width, height, hasAlpha, isSlow) => {
        const image = { ...megapixel, width, height, hasAlpha, channels: hasAlpha ? 4 : 3 };
        const traits = { ...fileTraits, ...image, isProgressive: isSlow, isInterlaced: isSlow, hasProfile: isSlow };
        const costs = [format.encodeCost(image, options), format.decodeCost(traits, 1)];
        const more = [
          format.encodeCost({ ...image, width: width + 1 }, options),
          format.decodeCost({ ...traits, width: width + 1 }, 1),
        ];
        for (const [index, cost] of costs.entries()) {
          expect(cost.serialSeconds + cost.parallelSeconds).toBeGreaterThan(0);
          for (const term of ['serialSeconds', 'parallelSeconds', 'heldBytes'] as const) {
            expect(cost[term]).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(cost[term])).toBe(true);
            expect(more[index]?.[term]).toBeGreaterThanOrEqual(cost[term]);
          }
        }
      }),
    );
  });
});

describe('the largest pictures', () => {
  const strip = (width: number) => sharp({ create: { width, height: 1, channels: 3, background: '#336699' } });

  it.each(formats.filter(({ name }) => name !== 'png' && name !== 'tiff'))(
    '$name takes one of $maxDimension pixels and not one more',
    async (format) => {
      const least = { avif: 0, webp: 0, gif: 1 }[format.name];
      const fastest = format.options.parse(least === undefined ? {} : { effort: least });
      const encoded = (width: number) =>
        format.encode(strip(width), fastest, { ...megapixel, width, height: 1 }).toBuffer();
      const { width } = await sharp(await encoded(format.maxDimension)).metadata();
      expect(width).toBe(format.maxDimension);
      await expect(encoded(format.maxDimension + 1)).rejects.toThrow(/too large|Maximum/);
    },
  );

  it.each(['png', 'tiff'])('%s takes more than any other', async (name) => {
    const format = registered(name);
    const picture = { ...megapixel, width: 1_000_001, height: 1 };
    const encoded = await format.encode(strip(1_000_001), format.options.parse({}), picture).toBuffer();
    expect((await sharp(encoded, { limitInputPixels: false }).metadata()).width).toBe(1_000_001);
  });
});
