import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { filters } from '../../../core/filters/registry.ts';
import type { ImageState } from '../../../core/image/image-state.ts';
import { anyOptions, resizeOptions } from '../../unit/filters/any-options.ts';
import { applied, imageState, pictureOf, samplesOf } from '../../unit/filters/one-pipeline.ts';

const side = fc.integer({ min: 1, max: 70 });
const channels = fc.integer({ min: 1, max: 4 });
const orientation = fc.integer({ min: 1, max: 8 });

/** undefined where sharp refuses. */
const settled = async <Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};

/** Whether a picture is refused before sharp would make something of it that nobody wants. */
const isRefusedOnPurpose = (name: string, { hasAlpha }: ImageState): boolean => name === 'convolve' && hasAlpha;

describe.each(filters)('$name: the predicted picture', (filter) => {
  it('is the one that sharp makes, and is refused where sharp refuses', async () => {
    const options = anyOptions[filter.name] ?? fc.constant({});
    await fc.assert(
      fc.asyncProperty(side, side, channels, orientation, options, async (width, height, bands, turned, given) => {
        const image = imageState({ width, height, channels: bands, orientation: turned });
        const parsed = filter.options.parse(given);
        if (!filter.isNeeded(image, parsed)) return;
        const predicted = await settled(() => filter.resultOf(image, parsed));
        if (predicted === undefined && isRefusedOnPurpose(filter.name, image)) return;
        const made = await settled(() => applied(filter.name, given, image));
        expect(predicted === undefined).toBe(made === undefined);
        if (predicted === undefined || made === undefined) return;
        const { hasAlpha } = await sharp(made.data).metadata();
        expect(predicted.hasAlpha).toBe(hasAlpha);
        if (predicted.isAtMost) {
          expect(made.info.width).toBeLessThanOrEqual(predicted.width);
          expect(made.info.height).toBeLessThanOrEqual(predicted.height);
        } else {
          expect([made.info.width, made.info.height]).toEqual([predicted.width, predicted.height]);
        }
      }),
      { numRuns: filter.name === 'resize' ? 300 : 50 },
    );
  });

  it('has the channels foretold, and shades of grey where it is grey', async () => {
    const options = anyOptions[filter.name] ?? fc.constant({});
    await fc.assert(
      fc.asyncProperty(channels, fc.constantFrom(8, 16), options, async (bands, bitDepth, given) => {
        const image = imageState({ width: 30, height: 22, channels: bands, bitDepth, orientation: 6 });
        const predicted = await settled(() => filter.resultOf(image, filter.options.parse(given)));
        fc.pre(predicted !== undefined && filter.isNeeded(image, filter.options.parse(given)));
        const { channels } = await samplesOf(filter.name, given, image);
        expect(channels).toBe(predicted?.channels);
        if ((predicted?.channels ?? 0) > 2) return;
        const colours = await sharp((await applied(filter.name, given, image)).data)
          .removeAlpha()
          .raw()
          .toBuffer();
        for (let at = 0; at < colours.length; at += 3) {
          const [red = 0, green = 0, blue = 0] = colours.subarray(at, at + 3);
          expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 20 },
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
        { numRuns: 100 },
      );
    },
  );
});
