import sharp from 'sharp';

/** 8-bit RGBA, row by row. */
export type Pixels = { width: number; height: number; data: Uint8Array };

/** By how much the channels of two pictures differ, 0 to 255; a transparent pixel has no colour to differ in. */
export type Difference = { mean: number; max: number };

/** Decodes an encoded picture (a path or its bytes). */
export const decodePixels = async (input: string | Uint8Array): Promise<Pixels> => {
  const { data, info } = await sharp(input).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
};

/** Colours weighted by their alpha, so that what nobody can see does not count. */
const visible = ({ data }: Pixels): Float64Array => {
  const weighted = new Float64Array(data.length);
  for (let index = 0; index < data.length; index += 1) {
    const alpha = data[index | 3] ?? 0;
    weighted[index] = index % 4 === 3 ? alpha : ((data[index] ?? 0) * alpha) / 255;
  }
  return weighted;
};

/** The difference of two pictures. Throws where their sizes differ: those have no pixels in common. */
export const comparePixels = (actual: Pixels, expected: Pixels): Difference => {
  if (actual.width !== expected.width || actual.height !== expected.height) {
    throw new Error(
      `Expected ${expected.width} x ${expected.height} pixels but received ${actual.width} x ${actual.height}`,
    );
  }
  const [one, other] = [visible(actual), visible(expected)];
  let sum = 0;
  let max = 0;
  for (let index = 0; index < one.length; index += 1) {
    const difference = Math.abs((one[index] ?? 0) - (other[index] ?? 0));
    sum += difference;
    max = Math.max(max, difference);
  }
  return { mean: sum / one.length, max };
};
