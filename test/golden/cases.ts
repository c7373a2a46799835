/**
 * One golden: a filter or format with these options, on the scene without or with alpha, as a camera on its side would
 * have stored it, or with a white border around it.
 */
export type GoldenCase = {
  name: string;
  options: Record<string, unknown>;
  channels?: 3 | 4;
  orientation?: number;
  hasBorder?: boolean;
};

const frame = { width: 60, height: 60 };

/** Every filter's goldens; a filter without any fails the build. */
export const filterCases: Readonly<Record<string, readonly GoldenCase[]>> = {
  autoOrient: [
    { name: 'auto-orient-6', options: {}, orientation: 6 },
    { name: 'auto-orient-7', options: {}, orientation: 7 },
  ],
  resize: [
    { name: 'resize-cover', options: { ...frame } },
    { name: 'resize-cover-right', options: { ...frame, position: 'right' } },
    { name: 'resize-cover-attention', options: { ...frame, position: 'attention' } },
    { name: 'resize-cover-entropy', options: { ...frame, position: 'entropy' } },
    { name: 'resize-contain', options: { ...frame, fit: 'contain', background: '#336699' } },
    {
      name: 'resize-contain-top-transparent',
      options: { ...frame, fit: 'contain', position: 'top', background: 'transparent' },
    },
    { name: 'resize-fill', options: { ...frame, fit: 'fill' } },
    { name: 'resize-inside', options: { ...frame, fit: 'inside' } },
    { name: 'resize-outside', options: { ...frame, fit: 'outside' } },
    { name: 'resize-larger', options: { width: 131, kernel: 'nearest' } },
    { name: 'resize-mitchell-alpha', options: { width: 40, kernel: 'mitchell' }, channels: 4 },
  ],
  crop: [
    { name: 'crop', options: { left: 8, top: 5, width: 41, height: 30 } },
    { name: 'crop-centre', options: { position: 'centre', width: 41, height: 31 } },
    { name: 'crop-right-bottom', options: { position: 'right bottom', width: 41, height: 31 } },
  ],
  trim: [
    { name: 'trim', options: {}, hasBorder: true },
    { name: 'trim-background-margin', options: { background: '#fff', threshold: 40, margin: 3 }, hasBorder: true },
    { name: 'trim-nothing-line-art', options: { background: '#00ff00', lineArt: true }, hasBorder: true },
    { name: 'trim-transparent-alpha', options: { background: 'transparent', threshold: 100 }, channels: 4 },
  ],
  extend: [
    { name: 'extend', options: { top: 4, right: 8, bottom: 12, left: 16, background: '#336699' } },
    { name: 'extend-transparent', options: { top: 10, right: 10, background: '#ff000080' } },
    { name: 'extend-copy', options: { left: 20, bottom: 10, extendWith: 'copy' } },
    { name: 'extend-repeat', options: { left: 20, bottom: 10, extendWith: 'repeat' } },
    { name: 'extend-mirror-alpha', options: { left: 20, bottom: 10, extendWith: 'mirror' }, channels: 4 },
  ],
  rotate: [
    { name: 'rotate-90', options: { angle: 90 } },
    { name: 'rotate-180-alpha', options: { angle: 180 }, channels: 4 },
    { name: 'rotate-minus-12', options: { angle: -12, background: '#336699' } },
    { name: 'rotate-33-transparent', options: { angle: 33.3, background: 'transparent' } },
  ],
  flip: [{ name: 'flip-alpha', options: {}, channels: 4 }],
  flop: [{ name: 'flop-alpha', options: {}, channels: 4 }],
  normalise: [
    { name: 'normalise', options: {} },
    { name: 'normalise-narrow-alpha', options: { lower: 20, upper: 70 }, channels: 4 },
  ],
  linear: [
    { name: 'linear-contrast', options: { a: 1.8, b: -90 } },
    { name: 'linear-channels-alpha', options: { a: [1.2, 1, 0.6], b: [10, 0, -20] }, channels: 4 },
  ],
  gamma: [
    { name: 'gamma', options: {} },
    { name: 'gamma-darker-alpha', options: { gamma: 0.5 }, channels: 4 },
  ],
  modulate: [
    { name: 'modulate-bright-saturated', options: { brightness: 1.2, saturation: 1.6 } },
    { name: 'modulate-hue-lightness-alpha', options: { hue: 120, lightness: -15 }, channels: 4 },
  ],
  grayscale: [
    { name: 'grayscale', options: {} },
    { name: 'grayscale-alpha', options: {}, channels: 4 },
  ],
  sepia: [
    { name: 'sepia', options: {} },
    { name: 'sepia-half-alpha', options: { amount: 0.5 }, channels: 4 },
  ],
  tint: [
    { name: 'tint', options: { colour: '#704214' } },
    { name: 'tint-blue-alpha', options: { colour: '#00f' }, channels: 4 },
  ],
  threshold: [
    { name: 'threshold', options: {} },
    { name: 'threshold-150-alpha', options: { threshold: 150 }, channels: 4 },
  ],
  negate: [
    { name: 'negate', options: {} },
    { name: 'negate-alpha', options: { alpha: true }, channels: 4 },
    { name: 'negate-colours-alpha', options: {}, channels: 4 },
  ],
  blur: [
    { name: 'blur-2', options: { sigma: 2 } },
    { name: 'blur-9-alpha', options: { sigma: 9 }, channels: 4 },
  ],
  sharpen: [
    { name: 'sharpen', options: {} },
    { name: 'sharpen-strong-alpha', options: { sigma: 3, m1: 4, m2: 6 }, channels: 4 },
  ],
  median: [
    { name: 'median-3', options: {} },
    { name: 'median-9-alpha', options: { size: 9 }, channels: 4 },
  ],
  convolve: [
    {
      name: 'convolve-emboss',
      options: {
        kernel: [
          [-2, -1, 0],
          [-1, 0, 1],
          [0, 1, 2],
        ],
        offset: 128,
      },
    },
    { name: 'convolve-box-alpha', options: { kernel: Array(5).fill(Array(5).fill(1)) }, channels: 4 },
    {
      name: 'convolve-edges-scaled',
      options: {
        kernel: [
          [0, -4, 0],
          [-4, 16, -4],
          [0, -4, 0],
        ],
        scale: 3,
      },
    },
  ],
  flatten: [
    { name: 'flatten', options: {}, channels: 4 },
    { name: 'flatten-blue', options: { background: '#2040a0' }, channels: 4 },
  ],
};

/** Every format's goldens, by families of options; a format without any fails the build. */
export const formatCases: Readonly<Record<string, readonly GoldenCase[]>> = {
  jpeg: [
    { name: 'jpeg', options: {} },
    { name: 'jpeg-mozjpeg', options: { quality: 60, mozjpeg: true } },
    { name: 'jpeg-progressive-444', options: { progressive: true, chromaSubsampling: '4:4:4' } },
    { name: 'jpeg-plain-coding', options: { optimiseCoding: false, quality: 30 } },
    { name: 'jpeg-alpha', options: {}, channels: 4 },
    { name: 'jpeg-alpha-background', options: { background: '#2040a0' }, channels: 4 },
  ],
  png: [
    { name: 'png-alpha', options: { compressionLevel: 9, adaptiveFiltering: true, progressive: true }, channels: 4 },
    { name: 'png-palette', options: { palette: true, colours: 16, dither: 0 } },
  ],
  webp: [
    { name: 'webp', options: {} },
    { name: 'webp-smart-subsample', options: { smartSubsample: true, quality: 40, effort: 6 } },
    { name: 'webp-alpha', options: { alphaQuality: 60, effort: 0 }, channels: 4 },
    { name: 'webp-lossless', options: { lossless: true }, channels: 4 },
    { name: 'webp-near-lossless', options: { nearLossless: true, quality: 40 } },
  ],
  avif: [
    { name: 'avif', options: {} },
    { name: 'avif-420-fast', options: { chromaSubsampling: '4:2:0', effort: 0, quality: 30 } },
    { name: 'avif-alpha', options: { effort: 2 }, channels: 4 },
    { name: 'avif-lossless', options: { lossless: true, effort: 1 } },
    { name: 'avif-10-bit', options: { bitdepth: 10, effort: 2 } },
  ],
  gif: [
    { name: 'gif', options: {} },
    { name: 'gif-few-colours', options: { colours: 8, dither: 0.5, effort: 3, progressive: true } },
    { name: 'gif-alpha', options: {}, channels: 4 },
  ],
  tiff: [
    { name: 'tiff-alpha', options: {}, channels: 4 },
    { name: 'tiff-deflate-tiles', options: { compression: 'deflate', predictor: 'none', tile: true, tileWidth: 32 } },
    {
      name: 'tiff-packbits-pyramid',
      options: { compression: 'packbits', pyramid: true, tileWidth: 16, tileHeight: 16 },
    },
    { name: 'tiff-jpeg', options: { compression: 'jpeg', quality: 60 } },
    { name: 'tiff-jpeg-background', options: { compression: 'jpeg', background: '#2040a0' }, channels: 4 },
  ],
};
