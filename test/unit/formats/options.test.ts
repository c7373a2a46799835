import { describe, expect, it } from 'vitest';
import { accepts, registered } from './encoded.ts';

describe('options that contradict each other are refused', () => {
  it.each([
    ['jpeg', { mozjpeg: true, progressive: false }],
    ['jpeg', { progressive: true, optimiseCoding: false }],
    ['jpeg', { mozjpeg: true, optimiseCoding: false }],
    ['png', { colours: 16 }],
    ['png', { palette: false, quality: 80 }],
    ['png', { dither: 0 }],
    ['webp', { lossless: true, nearLossless: true }],
    ['webp', { lossless: true, smartSubsample: true }],
    ['avif', { lossless: true, chromaSubsampling: '4:2:0' }],
    ['png', { palette: true, bitdepth: 16 }],
    ['tiff', { quality: 90 }],
    ['tiff', { compression: 'deflate', quality: 90 }],
    ['tiff', { compression: 'none', predictor: 'horizontal' }],
    ['tiff', { compression: 'jpeg', predictor: 'none' }],
    ['tiff', { compression: 'webp' }],
    ['tiff', { tileWidth: 256 }],
  ])('%s %o', (name, options) => {
    expect(accepts(name, options)).toBe(false);
  });
});

describe('options out of range are refused', () => {
  it.each([
    ['jpeg', { quality: 0 }],
    ['jpeg', { quality: 101 }],
    ['jpeg', { quality: '80' }],
    ['jpeg', { chromaSubsampling: '4:2:2' }],
    ['jpeg', { background: 'transparent' }],
    ['png', { compressionLevel: 10 }],
    ['png', { palette: true, colours: 1 }],
    ['png', { palette: true, effort: 0 }],
    ['webp', { effort: 7 }],
    ['webp', { alphaQuality: -1 }],
    ['avif', { effort: 10 }],
    ['avif', { bitdepth: 9 }],
    ['gif', { colours: 257 }],
    ['gif', { effort: 0 }],
    ['gif', { loop: -1 }],
    ['gif', { delay: 70_000 }],
    ['webp', { delay: [100] }],
    ['tiff', { compression: 'zstd' }],
    ['tiff', { tile: true, tileWidth: 100 }],
    ['tiff', { bitdepth: 4 }],
    ['tiff', { resolution: 0 }],
  ])('%s %o', (name, options) => {
    expect(accepts(name, options)).toBe(false);
  });
});

describe('what one option says of another is filled in', () => {
  it('mozjpeg writes progressive scans', () => {
    expect(registered('jpeg').options.parse({ mozjpeg: true })).toMatchObject({
      progressive: true,
      optimiseCoding: true,
    });
  });

  it('only what TIFF codes by has options of its own', () => {
    expect(registered('tiff').options.parse({})).toEqual({
      compression: 'lzw',
      predictor: 'horizontal',
      bitdepth: 8,
      tile: false,
      pyramid: false,
      bigtiff: false,
      background: '#ffffff',
    });
    expect(registered('tiff').options.parse({ compression: 'jpeg', pyramid: true })).toMatchObject({
      quality: 80,
      tileWidth: 256,
      tileHeight: 256,
    });
  });

  it('only a palette has the options of a palette', () => {
    expect(registered('png').options.parse({})).toEqual({
      compressionLevel: 6,
      adaptiveFiltering: false,
      progressive: false,
      bitdepth: 8,
      palette: false,
    });
    expect(registered('png').options.parse({ palette: true, colours: 4 })).toMatchObject({
      colours: 4,
      quality: 100,
      effort: 7,
      dither: 1,
    });
  });
});
