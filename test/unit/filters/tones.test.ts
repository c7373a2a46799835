import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ImageState } from '../../../core/image/image-state.ts';
import { imageState, samplesOf, spaceOf } from './one-pipeline.ts';

/** A picture of one row with these values: 1 to 4 a pixel, 0 to 255, stored in 8 or 16 bits. */
const row = async (pixels: number[][], bitDepth = 8): Promise<[ImageState, Buffer]> => {
  const channels = pixels[0]?.length ?? 0;
  const image = imageState({ width: pixels.length, height: 1, channels, bitDepth });
  const values = pixels.flat().map((value) => (bitDepth > 8 ? value * 257 : value));
  const data = bitDepth > 8 ? Uint16Array.from(values) : Uint8Array.from(values);
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) throw new Error('Expected 1 to 4 values');
  const picture = await sharp(data, { raw: { width: pixels.length, height: 1, channels } })
    .toColourspace(spaceOf(image))
    .png()
    .toBuffer();
  return [image, picture];
};

/** The pixels after a filter, in colour and on the scale from 0 to 255, whatever the depth. */
const toned = async (name: string, options: Record<string, unknown>, pixels: number[][], bitDepth = 8) => {
  const [image, picture] = await row(pixels, bitDepth);
  const { samples } = await samplesOf(name, options, image, picture);
  const perPixel = samples.length / pixels.length;
  // What has become 8 bits is no longer spread over 16.
  const scale = Math.max(...samples) > 255 ? 257 : 1;
  return pixels.map((_, index) =>
    samples.slice(index * perPixel, (index + 1) * perPixel).map((value) => Math.round((value / scale) * 100) / 100),
  );
};

const orange = [200, 120, 40];
const ramp = Array.from({ length: 256 }, (_, grey) => [grey]);
const grey = (value: number) => [value, value, value];

describe('negate', () => {
  it.each([8, 16])('turns every value around, in %i bits', async (bitDepth) => {
    expect(await toned('negate', {}, [orange, grey(0), grey(255)], bitDepth)).toEqual([
      [55, 135, 215],
      grey(255),
      grey(0),
    ]);
  });

  it('is the identity twice', async () => {
    const [image, picture] = await row([orange, [1, 2, 3], grey(254)]);
    const { samples } = await samplesOf('negate', {}, image, picture);
    const [, negative] = await row([samples.slice(0, 3), samples.slice(3, 6), samples.slice(6)]);
    expect((await samplesOf('negate', {}, image, negative)).samples).toEqual([...orange, 1, 2, 3, ...grey(254)]);
  });

  it('leaves transparency alone unless it is asked for', async () => {
    const half = [[10, 20, 30, 100]];
    expect(await toned('negate', {}, half)).toEqual([[245, 235, 225, 100]]);
    expect(await toned('negate', { alpha: true }, half)).toEqual([[245, 235, 225, 155]]);
  });
});

describe('linear', () => {
  it.each([8, 16])('multiplies and adds, in %i bits', async (bitDepth) => {
    expect(await toned('linear', { a: 1.5, b: -50 }, [grey(100), grey(20), grey(250)], bitDepth)).toEqual([
      grey(100),
      grey(0),
      grey(255),
    ]);
  });

  it('treats red, green and blue apart, also in a grey picture', async () => {
    const options = { a: [2, 1, 0.5], b: [0, 10, 0] };
    expect(await toned('linear', options, [orange])).toEqual([[255, 130, 20]]);
    expect(await toned('linear', options, [[100]])).toEqual([[200, 110, 50]]);
    expect(await toned('linear', { a: 2, b: [1, 2, 3] }, [[100]])).toEqual([[201, 202, 203]]);
  });

  it('leaves transparency alone', async () => {
    expect(await toned('linear', { a: 2 }, [[10, 20, 30, 100]])).toEqual([[20, 40, 60, 100]]);
    expect(await toned('linear', { a: [2, 2, 2] }, [[10, 20, 30, 100]])).toEqual([[20, 40, 60, 100]]);
    expect(await toned('linear', { a: 2 }, [[10, 100]])).toEqual([[20, 20, 20, 100]]);
  });
});

describe('gamma', () => {
  it.each([2, 1.3, 0.5])('raises to the power of 1 / %f', async (gamma) => {
    const made = await toned('gamma', { gamma }, ramp);
    for (const [value, [red = 0]] of made.entries()) {
      expect(Math.abs(red - 255 * (value / 255) ** (1 / gamma))).toBeLessThanOrEqual(1);
    }
  });

  it('does the same in 16 bits, and leaves transparency alone', async () => {
    const [[dark = 0] = []] = await toned('gamma', { gamma: 2 }, [grey(64), grey(255)], 16);
    expect(dark).toBeCloseTo(255 * Math.sqrt(64 / 255), 0);
    expect(await toned('gamma', { gamma: 2 }, [[255, 0, 0, 100]])).toEqual([[255, 0, 0, 100]]);
  });
});

describe('threshold', () => {
  it.each([1, 2, 100, 128, 254, 255])('of %i gives black below it and white from it on', async (threshold) => {
    const made = await toned('threshold', { threshold }, ramp);
    expect(made.map(([red]) => red)).toEqual(ramp.map(([value = 0]) => (value >= threshold ? 255 : 0)));
  });

  it("is sharp's own on colours", async () => {
    const pixels = Array.from({ length: 200 }, (_, n) => [(n * 37) % 256, (n * 91) % 256, (n * 53) % 256]);
    const [, picture] = await row(pixels);
    const own = await sharp(picture).threshold(120).toColourspace('srgb').raw().toBuffer();
    expect((await toned('threshold', { threshold: 120 }, pixels)).flat()).toEqual([...own]);
  });

  it('leaves transparency alone and gives two values in 16 bits too', async () => {
    expect(
      await toned('threshold', {}, [
        [200, 200, 200, 90],
        [20, 20, 20, 200],
      ]),
    ).toEqual([
      [255, 255, 255, 90],
      [0, 0, 0, 200],
    ]);
    expect(await toned('threshold', {}, [grey(200), grey(20)], 16)).toEqual([grey(255), grey(0)]);
  });
});

describe('grayscale', () => {
  it('leaves greys as they are and is lightest for green', async () => {
    expect(await toned('grayscale', {}, [grey(0), grey(77), grey(255)])).toEqual([grey(0), grey(77), grey(255)]);
    const [[red = 0] = [], [green = 0] = [], [blue = 0] = []] = await toned('grayscale', {}, [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
    expect(green).toBeGreaterThan(red);
    expect(red).toBeGreaterThan(blue);
  });

  it('keeps 16 bits apart that 8 bits would not', async () => {
    const image = imageState({ width: 2, height: 1, bitDepth: 16 });
    const picture = await sharp(Uint16Array.from([30000, 30000, 30000, 30100, 30100, 30100]), {
      raw: { width: 2, height: 1, channels: 3 },
    })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    const { samples } = await samplesOf('grayscale', {}, image, picture);
    expect((samples[3] ?? 0) - (samples[0] ?? 0)).toBeGreaterThan(90);
    expect((samples[3] ?? 0) - (samples[0] ?? 0)).toBeLessThan(110);
  });
});

describe('sepia', () => {
  it('makes white, black and middle grey what the CSS filter makes of them', async () => {
    // 0.393 + 0.769 + 0.189 = 1.351 and 0.349 + 0.686 + 0.168 = 1.203 leave the range; 0.272 + 0.534 + 0.131 = 0.937.
    expect(await toned('sepia', {}, [grey(255), grey(0), grey(100)])).toEqual([
      [255, 255, 238],
      grey(0),
      [135, 120, 93],
    ]);
  });

  it('brings colour into grey, also with transparency and from 16 bits', async () => {
    expect(await toned('sepia', {}, [[100]])).toEqual([[135, 120, 93]]);
    expect(await toned('sepia', {}, [[100, 60]])).toEqual([[135, 120, 93, 60]]);
    expect(await toned('sepia', {}, [[100, 100, 100, 60]])).toEqual([[135, 120, 93, 60]]);
    expect(await toned('sepia', {}, [grey(100)], 16)).toEqual([[135, 120, 93]]);
  });

  it('by half is half of it', async () => {
    expect(await toned('sepia', { amount: 0.5 }, [grey(100)])).toEqual([[117, 110, 96]]);
  });
});

describe('tint', () => {
  it('leaves black and white and gives middle tones the hue', async () => {
    const [black, middle = [], white] = await toned('tint', { colour: '#0000ff' }, [[0], [128], [255]]);
    expect([black, white]).toEqual([grey(0), grey(255)]);
    expect(middle[2]).toBeGreaterThan((middle[0] ?? 0) + 60);
  });

  it('does the same to colours, to 16 bits, and not to transparency', async () => {
    const [[red = 0, , blue = 0] = []] = await toned('tint', { colour: '#0000ff' }, [[200, 120, 40]]);
    expect(blue).toBeGreaterThan(red);
    const [[, , , alpha] = []] = await toned('tint', { colour: '#0000ff' }, [[200, 120, 40, 90]]);
    expect(alpha).toBe(90);
    const [[deepRed = 0, , deepBlue = 0] = []] = await toned('tint', { colour: '#0000ff' }, [[128]], 16);
    expect(deepBlue).toBeGreaterThan(deepRed + 60);
  });
});

describe('modulate', () => {
  it('without saturation is grey, and by no brightness black', async () => {
    const [[red = 0, green = 0, blue = 0] = []] = await toned('modulate', { saturation: 0 }, [orange]);
    expect(Math.max(red, green, blue) - Math.min(red, green, blue)).toBeLessThanOrEqual(1);
    expect(await toned('modulate', { brightness: 0 }, [grey(200)])).toEqual([grey(0)]);
  });

  it('turns hues: red by 120 degrees is a green', async () => {
    const [[red = 0, green = 0] = []] = await toned('modulate', { hue: 120 }, [[200, 40, 40]]);
    expect(green).toBeGreaterThan(red + 40);
  });

  it.each([8, 16])('adds to lightness, in %i bits: CIE L* 50 is 119 of 255, L* 70 is 171', async (bitDepth) => {
    const [[lighter = 0] = []] = await toned('modulate', { lightness: 20 }, [grey(119)], bitDepth);
    expect(Math.abs(lighter - 171)).toBeLessThanOrEqual(1.5);
  });

  it('leaves transparency alone', async () => {
    const [[, , , alpha] = []] = await toned('modulate', { brightness: 0.5 }, [[200, 120, 40, 90]]);
    expect(alpha).toBe(90);
  });
});

describe('normalise', () => {
  const flat = Array.from({ length: 101 }, (_, n) => [100 + Math.round(n / 2)]);

  it.each([8, 16])('stretches what is dull from black to white, in %i bits', async (bitDepth) => {
    const pixels = flat.map(([value = 0]) => grey(value));
    const made = (await toned('normalise', { lower: 0, upper: 100 }, pixels, bitDepth)).map(([red = 0]) => red);
    expect(made[0]).toBeLessThanOrEqual(12);
    expect(made.at(-1)).toBeGreaterThanOrEqual(243);
    expect([...made].sort((one, other) => one - other)).toEqual(made);
  });

  it('keeps a grey picture grey and transparency as it is', async () => {
    const made = await toned('normalise', {}, [...flat.map(([value = 0]) => [value, 90])]);
    expect(new Set(made.map(([, , , alpha]) => alpha))).toEqual(new Set([90]));
    expect(made.every(([red, , blue]) => red === blue)).toBe(true);
  });
});
