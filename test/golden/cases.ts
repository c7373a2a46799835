/** One golden: a filter or format with these options, on the scene without or with alpha. */
export type GoldenCase = { name: string; options: Record<string, unknown>; channels?: 3 | 4; orientation?: number };

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
  crop: [{ name: 'crop', options: { left: 8, top: 5, width: 41, height: 30 } }],
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
};
