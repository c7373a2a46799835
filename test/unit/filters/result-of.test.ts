import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { filters } from '../../../core/filters/registry.ts';
import { applied, imageState, pictureOf } from './one-pipeline.ts';

const side = fc.integer({ min: 1, max: 70 });
const channels = fc.integer({ min: 1, max: 4 });
const orientation = fc.integer({ min: 1, max: 8 });

const resizeOptions = fc
  .record(
    {
      width: fc.integer({ min: 1, max: 150 }),
      height: fc.integer({ min: 1, max: 150 }),
      fit: fc.constantFrom('cover', 'contain', 'fill', 'inside', 'outside'),
      position: fc.constantFrom('centre', 'top', 'right bottom'),
      background: fc.constantFrom('white', 'transparent', '#12345680', '#123f'),
      kernel: fc.constantFrom('nearest', 'lanczos3', 'mks2021'),
      withoutEnlargement: fc.boolean(),
      withoutReduction: fc.boolean(),
    },
    { requiredKeys: ['kernel'] },
  )
  .filter(({ width, height }) => width !== undefined || height !== undefined)
  .filter(({ withoutEnlargement, withoutReduction }) => !(withoutEnlargement && withoutReduction));

const optionsOf: Readonly<Record<string, fc.Arbitrary<Record<string, unknown>>>> = {
  resize: resizeOptions,
  crop: fc.record({
    left: fc.integer({ min: 0, max: 20 }),
    top: fc.integer({ min: 0, max: 20 }),
    width: side,
    height: side,
  }),
  blur: fc.record({ sigma: fc.double({ min: 0.3, max: 30, noNaN: true }) }),
  median: fc.record({ size: fc.integer({ min: 1, max: 9 }) }),
};

/** undefined where sharp refuses. */
const settled = async <Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};

describe.each(filters)('$name: the predicted picture', (filter) => {
  it('is the one that sharp makes, and is refused where sharp refuses', async () => {
    const options = optionsOf[filter.name] ?? fc.constant({});
    await fc.assert(
      fc.asyncProperty(side, side, channels, orientation, options, async (width, height, bands, turned, given) => {
        const image = imageState({ width, height, channels: bands, orientation: turned });
        const parsed = filter.options.parse(given);
        const predicted = await settled(() => filter.resultOf(image, parsed));
        const made = await settled(() => applied(filter.name, given, image));
        expect(predicted === undefined).toBe(made === undefined);
        if (predicted === undefined || made === undefined) return;
        const { hasAlpha } = await sharp(made.data).metadata();
        expect({ width: predicted.width, height: predicted.height, hasAlpha: predicted.hasAlpha }).toEqual({
          width: made.info.width,
          height: made.info.height,
          hasAlpha,
        });
      }),
      { numRuns: filter.name === 'resize' ? 400 : 60 },
    );
  });
});

describe('resize of a file whose decoder can shrink', () => {
  it.each(['jpeg', 'webp'] as const)(
    'has the predicted size from a %s, whatever the decoder rounds',
    async (format) => {
      const resize = filters.find(({ name }) => name === 'resize');
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 30, max: 400 }),
          fc.integer({ min: 30, max: 400 }),
          resizeOptions,
          async (width, height, given) => {
            const image = imageState({ width, height });
            const picture = await sharp(await pictureOf(image))
              .toFormat(format)
              .toBuffer();
            const made = await applied('resize', given, image, picture);
            const predicted = resize?.resultOf(image, resize.options.parse(given));
            expect({ width: made.info.width, height: made.info.height }).toEqual({
              width: predicted?.width,
              height: predicted?.height,
            });
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});
