import { describe, expect, it } from 'vitest';
import { accepts, fileTraits, megapixel, registered } from './encoded.ts';

const encode = (name: string, given: Record<string, unknown>, image = megapixel) => {
  const format = registered(name);
  return format.encodeCost(image, format.options.parse(given));
};
const seconds = (name: string, given: Record<string, unknown>, image = megapixel): number => {
  const { serialSeconds, parallelSeconds } = encode(name, given, image);
  return serialSeconds + parallelSeconds;
};

describe('encoding a megapixel', () => {
  it.each([
    ['jpeg', { optimiseCoding: false }, 0.003],
    ['jpeg', {}, 0.009],
    ['jpeg', { mozjpeg: true }, 0.059],
    ['png', {}, 0.037],
    ['png', { compressionLevel: 9 }, 0.054],
    ['png', { compressionLevel: 9, adaptiveFiltering: true }, 0.36],
    ['webp', { effort: 0 }, 0.023],
    ['webp', {}, 0.08],
    ['webp', { effort: 6 }, 0.18],
    ['webp', { lossless: true }, 0.66],
    ['webp', { nearLossless: true }, 1.05],
    ['avif', { effort: 0 }, 0.07],
    ['avif', {}, 1.7],
    ['avif', { effort: 9 }, 43.5],
    ['tiff', {}, 0.045],
    ['tiff', { compression: 'none' }, 0.006],
    ['tiff', { compression: 'deflate' }, 0.07],
    ['gif', { effort: 1 }, 0.44],
    ['gif', {}, 1.72],
  ])('%s %o takes the measured %f s', (name, given, measured) => {
    expect(seconds(name, given)).toBeCloseTo(measured, 6);
  });

  it.each([
    ['webp', 6, {}],
    ['webp', 6, { lossless: true }],
    ['webp', 6, { nearLossless: true }],
    ['avif', 9, {}],
    ['png', 10, { palette: true }],
    ['gif', 10, {}],
  ])('%s takes longer with every effort up to %i %o', (name, most, given) => {
    const efforts = Array.from({ length: most + 1 }, (_, effort) => ({ ...given, effort })).filter((options) =>
      accepts(name, options),
    );
    const costs = efforts.map((options) => seconds(name, options));
    expect(costs.length).toBeGreaterThanOrEqual(most);
    expect(costs).toEqual([...costs].sort((one, other) => one - other));
    expect(new Set(costs).size).toBe(costs.length);
  });

  it('uses more than one thread for AVIF alone', () => {
    expect(encode('avif', {}).serialSeconds).toBe(0);
    for (const name of ['jpeg', 'png', 'webp', 'gif', 'tiff']) expect(encode(name, {}).parallelSeconds).toBe(0);
  });

  it.each([
    ['jpeg', {}, 6.1],
    ['jpeg', { optimiseCoding: false }, 0],
    ['png', {}, 0],
    ['png', { palette: true }, 4.9],
    ['webp', {}, 6.4],
    ['avif', {}, 33],
    ['avif', { chromaSubsampling: '4:2:0' }, 21],
    ['gif', {}, 12.4],
    ['tiff', {}, 0],
  ])('%s %o holds %f bytes a pixel', (name, given, bytes) => {
    expect(encode(name, given).heldBytes / 1e6).toBeCloseTo(bytes);
  });

  it('holds eight bits of colour whatever the picture is in memory', () => {
    const held = encode('webp', {}).heldBytes;
    expect(encode('webp', {}, { ...megapixel, channels: 1 }).heldBytes).toBe(held);
    expect(encode('webp', {}, { ...megapixel, bitDepth: 16 }).heldBytes).toBe(held);
  });

  it('adds what laying a transparent picture on a background takes in JPEG', () => {
    expect(seconds('jpeg', {}, { ...megapixel, channels: 4, hasAlpha: true })).toBeGreaterThan(5 * seconds('jpeg', {}));
  });
});

describe('encoding several frames', () => {
  const frames = { ...megapixel, width: 500, height: 400, pages: 5 };

  it.each([
    ['gif', {}],
    ['gif', { effort: 10 }],
    ['webp', {}],
    ['tiff', {}],
  ])('%s %o takes as long as each of them, or longer', (name, given) => {
    const one = { ...frames, pages: 1 };
    expect(seconds(name, given, frames)).toBeGreaterThanOrEqual(5 * seconds(name, given, one) - 1e-9);
    expect(encode(name, given, frames).heldBytes).toBeGreaterThanOrEqual(encode(name, given, one).heldBytes);
  });

  it('holds a GIF or a TIFF frame by frame', () => {
    for (const name of ['gif', 'tiff']) {
      expect(encode(name, {}, frames).heldBytes).toBe(encode(name, {}, { ...frames, pages: 1 }).heldBytes);
    }
  });
});

describe('encoding sixteen bits', () => {
  const deep = { ...megapixel, bitDepth: 16 };

  it.each(['png', 'tiff'])('%s takes longer where they are kept, and only there', (name) => {
    expect(seconds(name, { bitdepth: 16 }, deep)).toBeGreaterThan(1.5 * seconds(name, {}, deep));
    expect(seconds(name, { bitdepth: 16 })).toBe(seconds(name, {}));
    expect(seconds(name, {}, deep)).toBe(seconds(name, {}));
  });
});

describe('decoding a TIFF', () => {
  const tiff = { ...fileTraits, format: 'tiff' as const, compression: 'lzw' as const, blockRows: 1 };
  const decode = (changes: object) => registered('tiff').decodeCost({ ...tiff, ...changes }, 1);

  it('takes as long as its coding, its bytes and its colours want', () => {
    expect(decode({}).serialSeconds).toBeCloseTo(0.016);
    expect(decode({ compression: 'none' }).serialSeconds).toBeCloseTo(0.003);
    expect(decode({ bitDepth: 16 }).serialSeconds).toBeCloseTo(0.032);
    expect(decode({ channels: 1 }).serialSeconds).toBeLessThan(0.01);
    expect(decode({ hasProfile: true }).serialSeconds).toBeCloseTo(0.036);
    expect(decode({ compression: undefined }).serialSeconds).toBeGreaterThan(0.016);
  });

  it('holds the blocks that are decoded together, twice', () => {
    expect(decode({}).heldBytes).toBe(2 * 1000 * 3);
    expect(decode({ isTiled: true, blockRows: 256 }).heldBytes).toBe(2 * 256 * 1000 * 3);
    expect(decode({ blockRows: 50_000 }).heldBytes).toBe(2 * 1000 * 1000 * 3);
  });
});

describe('decoding a megapixel', () => {
  it('takes longer and holds the picture where it comes in passes', () => {
    const jpeg = registered('jpeg');
    expect(jpeg.decodeCost(fileTraits, 1)).toEqual({ serialSeconds: 0.005, parallelSeconds: 0, heldBytes: 0 });
    const progressive = jpeg.decodeCost({ ...fileTraits, isProgressive: true }, 1);
    expect(progressive.serialSeconds).toBeGreaterThan(0.005);
    expect(progressive.heldBytes).toBeCloseTo(6.2e6);
    const interlaced = registered('png').decodeCost({ ...fileTraits, isInterlaced: true }, 1);
    expect(interlaced.heldBytes).toBeCloseTo(3.1e6);
  });

  it.each(['jpeg', 'png', 'webp', 'avif'])('takes longer with a profile: %s', (name) => {
    const decode = (changes: object) => registered(name).decodeCost({ ...fileTraits, ...changes }, 1).serialSeconds;
    expect(decode({ hasProfile: true }) - decode({})).toBeCloseTo(0.02);
    expect(decode({ isCmyk: true, hasProfile: true }) - decode({})).toBeCloseTo(0.05);
  });
});
