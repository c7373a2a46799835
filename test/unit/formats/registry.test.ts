import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { findFormat, formats } from '../../../core/formats/registry.ts';
import { inputFormats } from '../../../core/image/traits.ts';
import { formatCases } from '../../golden/cases.ts';
import { openScene, sceneState } from '../../golden/scene.ts';
import { fileTraits, megapixel } from './encoded.ts';

describe('the registry of formats', () => {
  it('has every format that Kadam reads, and no other', () => {
    expect(formats.map(({ name }) => name).sort()).toEqual([...inputFormats].sort());
    expect(findFormat('gif')).toBeUndefined();
  });

  it('says how the web knows them', () => {
    expect(formats.map(({ extension, contentType }) => [extension, contentType])).toEqual([
      ['jpg', 'image/jpeg'],
      ['png', 'image/png'],
      ['webp', 'image/webp'],
      ['avif', 'image/avif'],
    ]);
  });
});

/** sharp's own call for a format, without any option. */
const plainly = (name: string) => {
  const picture = openScene({ channels: 3 });
  return name === 'jpeg'
    ? picture.jpeg()
    : name === 'png'
      ? picture.png()
      : name === 'webp'
        ? picture.webp()
        : picture.avif();
};

describe.each(formats)('$name', (format) => {
  const options = format.options.parse({});

  it('is described in one line and shown by a golden', () => {
    expect(format.summary).toMatch(/^[A-Z].{10,118}\.$/);
    expect(formatCases[format.name]?.length).toBeGreaterThan(0);
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
    expect(encoded.equals(await plainly(format.name).toBuffer())).toBe(true);
  });

  it('costs a finite time and memory that never fall with the size of the picture', () => {
    const side = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(side, side, fc.boolean(), fc.boolean(), (width, height, hasAlpha, isSlow) => {
        const image = { ...megapixel, width, height, hasAlpha, channels: hasAlpha ? 4 : 3 };
        const traits = { ...fileTraits, ...image, isProgressive: isSlow, isInterlaced: isSlow, hasProfile: isSlow };
        const costs = [format.encodeCost(image, options), format.decodeCost(traits)];
        const more = [
          format.encodeCost({ ...image, width: width + 1 }, options),
          format.decodeCost({ ...traits, width: width + 1 }),
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

  it.each(formats.filter(({ name }) => name !== 'png'))(
    '$name takes one of $maxDimension pixels and not one more',
    async (format) => {
      const fastest = format.options.parse(format.name === 'avif' || format.name === 'webp' ? { effort: 0 } : {});
      const encoded = (width: number) =>
        format.encode(strip(width), fastest, { ...megapixel, width, height: 1 }).toBuffer();
      const { width } = await sharp(await encoded(format.maxDimension)).metadata();
      expect(width).toBe(format.maxDimension);
      await expect(encoded(format.maxDimension + 1)).rejects.toThrow(/too large|Maximum/);
    },
  );

  it('png takes more than any other', async () => {
    const encoded = await registeredPng().toBuffer();
    expect((await sharp(encoded, { limitInputPixels: false }).metadata()).width).toBe(1_000_001);
  });

  const registeredPng = () => {
    const png = findFormat('png');
    if (png === undefined) throw new Error('Expected png to be registered');
    return png.encode(strip(1_000_001), png.options.parse({}), { ...megapixel, width: 1_000_001, height: 1 });
  };
});
