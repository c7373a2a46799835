import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import type { InputFormat } from '../../../core/image/traits.ts';
import type { Step } from '../../../core/recipe/recipe.ts';
import { bufferBytes, layoutOf, readDirectory } from '../../../core/render/tiff-structure.ts';
import { encoding, jobOf, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

const [width, height] = [40, 30];
const exif = { IFD0: { Make: 'Camera' }, IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' } };
const xmp =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>';

/** Saturated gradients, beyond 8 bits where there are more. */
const pixels = (channels: 1 | 2 | 3 | 4, bits: 8 | 16): Sharp => {
  const values = Array.from({ length: width * height * channels }, (_, index) => {
    const pixel = Math.floor(index / channels);
    const value = (pixel % width) * 1500 + Math.floor(pixel / width) * 700 * ((index % channels) + 1) + index * 13;
    return (value % 65_536) >> (16 - bits);
  });
  const data = bits === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
  return sharp(data, { raw: { width, height, channels } });
};

const deep = (channels: 1 | 2 | 3 | 4) => pixels(channels, 16).toColourspace(channels < 3 ? 'grey16' : 'rgb16');

const uploads: Readonly<Record<string, () => Sharp>> = {
  'a photograph': () => pixels(3, 8).withExif(exif).withXmp(xmp).jpeg({ quality: 95 }),
  'a photograph in Display P3': () => pixels(3, 8).withIccProfile('p3').withExif(exif).withXmp(xmp).jpeg(),
  'a PNG in Display P3': () => pixels(3, 8).withIccProfile('p3').png(),
  '16 bits': () => deep(3).png(),
  '16 bits in Display P3': () => deep(3).withIccProfile('p3').withExif(exif).png(),
  '16 bits with transparency': () => deep(4).png(),
  grey: () => pixels(1, 8).toColourspace('b-w').png(),
  'grey with transparency': () => pixels(2, 8).toColourspace('b-w').png(),
  '16-bit grey': () => deep(1).tiff({ compression: 'lzw' }),
  'CMYK in TIFF': () => pixels(3, 8).toColourspace('cmyk').withIccProfile('cmyk').tiff({ compression: 'lzw' }),
  'CMYK in JPEG': () => pixels(3, 8).toColourspace('cmyk').withIccProfile('cmyk').withExif(exif).jpeg(),
  'CMYK without a profile': () => pixels(3, 8).toColourspace('cmyk').jpeg(),
};

/** What a decoder finds when it is told to leave the colours alone. */
const stored = async (path: string): Promise<{ metadata: Metadata; data: Buffer }> => {
  const metadata = await sharp(path).metadata();
  const space = metadata.space ?? 'srgb';
  const opened = sharp(path, { ignoreIcc: true });
  const pipeline = space === 'cmyk' ? opened.pipelineColourspace('cmyk') : opened;
  // What sharp writes raw in grey is its first channel alone; TIFF holds both.
  const file = await pipeline
    .toColourspace(space === 'b-w' && metadata.channels === 2 ? 'srgb' : space)
    .raw({ depth: metadata.depth === 'ushort' ? 'ushort' : 'uchar' })
    .toBuffer();
  return { metadata, data: file };
};

const rendered = async (name: string, steps: Step[], changes: { orientation?: number } = {}) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload');
  await uploads[name]?.().toFile(path);
  const { format, channels, depth, hasAlpha, icc, space } = await sharp(path).metadata();
  const traits = traitsOf({
    format: format === 'jpeg' || format === 'tiff' ? format : 'png',
    channels,
    bitDepth: depth === 'ushort' ? 16 : 8,
    hasAlpha,
    hasProfile: icc !== undefined,
    isCmyk: space === 'cmyk',
    ...changes,
  });
  const formats = [
    encoding('tiff', { bitdepth: 16 }),
    encoding('png', { bitdepth: 16 }),
    encoding('webp', { lossless: true }),
    encoding('avif', { lossless: true, effort: 0 }),
    encoding('jpeg'),
    encoding('gif', { effort: 1 }),
  ];
  const { outputs } = await renderHere(await jobOf(folder, path, traits, { metadata: 'keep', steps, formats }));
  const files = new Map<InputFormat, Awaited<ReturnType<typeof stored>> & { path: string }>();
  for (const output of outputs) files.set(output.format, { ...(await stored(output.path)), path: output.path });
  return { upload: await stored(path), files };
};

/** Mirrored twice each way, in four pipelines of their own: nothing changes, and three intermediates are passed. */
const mirroredBack = [step('flip'), step('flop'), step('flip'), step('flop')];

/** The formats that keep every pixel of an upload. */
const lossless = (name: string): InputFormat[] => {
  if (name.startsWith('CMYK')) return ['tiff'];
  if (name.startsWith('16') || name.startsWith('grey')) return ['tiff', 'png'];
  return ['tiff', 'png', 'webp', 'avif'];
};

describe.each(Object.keys(uploads))('an output that keeps what an upload says of itself: %s', (name) => {
  it.each([
    ['as it is', []],
    ['through intermediates', mirroredBack],
  ])("has exactly the upload's pixels in its own colours, %s", async (_, steps) => {
    const { upload, files } = await rendered(name, steps);
    for (const format of lossless(name)) {
      const file = files.get(format);
      const { space, depth, channels, icc } = upload.metadata;
      expect({ format, ...file?.metadata }).toMatchObject({ format: file?.metadata.format, space, depth, channels });
      expect(icc === undefined ? file?.metadata.icc === undefined : file?.metadata.icc?.equals(icc), format).toBe(true);
      expect(file?.data.equals(upload.data), format).toBe(true);
    }
  });

  it('never has a profile that its pixels do not fit', async () => {
    const { upload, files } = await rendered(name, []);
    for (const [format, { metadata }] of files) {
      const isSameKind =
        metadata.space?.replace('16', '') === upload.metadata.space?.replace('16', '') ||
        (metadata.space === 'srgb' && upload.metadata.space === 'rgb16');
      if (!isSameKind) expect(metadata.icc, format).toBeUndefined();
      if (format === 'gif') expect(metadata.icc).toBeUndefined();
    }
  });
});

describe('colours that a format cannot hold', () => {
  it('become sRGB: CMYK as its own profile says', async () => {
    const { files } = await rendered('CMYK in TIFF', []);
    const folder = await temporaryFolder();
    const reference = join(folder, 'reference.png');
    const upload = join(folder, 'upload');
    await uploads['CMYK in TIFF']?.().toFile(upload);
    await sharp(upload).png().toFile(reference);
    const { data } = await stored(reference);
    const png = files.get('png')?.data ?? Buffer.alloc(0);
    expect(png.length).toBe(data.length);
    expect(Math.max(...png.map((value, index) => Math.abs(value - (data[index] ?? 0))))).toBeLessThanOrEqual(1);
  });

  it('stay CMYK only where no step needs other colours', async () => {
    const { files } = await rendered('CMYK in TIFF', [step('modulate', { saturation: 0.5 })]);
    expect(files.get('tiff')?.metadata).toMatchObject({ space: 'srgb', channels: 3 });
    expect(files.get('tiff')?.metadata.icc).toBeUndefined();
  });

  it('of grey give way where a step brings in others', async () => {
    const { files } = await rendered('grey', [step('tint', { colour: '#ff8000' })]);
    expect(files.get('png')?.metadata).toMatchObject({ space: 'srgb', channels: 3 });
  });
});

describe('metadata that is kept', () => {
  it.each([
    ['as it is', []],
    ['through intermediates', mirroredBack],
  ])('has the camera, the place and the XMP, %s', async (_, steps) => {
    const { files } = await rendered('a photograph in Display P3', steps);
    for (const format of ['png', 'webp', 'avif', 'jpeg'] as const) {
      const { exif: written, xmpAsString } = files.get(format)?.metadata ?? {};
      expect(written?.includes('Camera'), format).toBe(true);
      expect(written?.includes('N\0'), format).toBe(true);
      expect(xmpAsString, format).toContain('xmpmeta');
    }
  });

  it('says how a picture lies, until it is turned', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await pixels(3, 8).withMetadata({ orientation: 6, exif }).jpeg().toFile(path);
    const traits = traitsOf({ format: 'jpeg', orientation: 6 });
    const formats = (['jpeg', 'png', 'webp', 'tiff'] as const).map((format) => encoding(format));
    for (const [steps, expected] of [
      [[], 6],
      [[step('median')], 6],
      [[step('autoOrient')], 1],
      [[step('resize', { width: 20 }), step('autoOrient')], 1],
    ] as const) {
      const job = await jobOf(folder, path, traits, { metadata: 'keep', steps: [...steps], formats });
      for (const output of (await renderHere(job)).outputs) {
        expect((await sharp(output.path).metadata()).orientation ?? 1, output.format).toBe(expected);
      }
    }
  });

  it('is there in no other output of the same recipe', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await uploads['a photograph in Display P3']?.().toFile(path);
    const job = await jobOf(folder, path, traitsOf({ format: 'jpeg', hasProfile: true }), {
      formats: [encoding('jpeg')],
    });
    const [written] = (await renderHere(job)).outputs;
    const { exif: none, icc, xmp: noXmp } = await sharp(written?.path).metadata();
    expect({ none, icc, noXmp }).toEqual({});
  });
});

describe('EXIF in a TIFF, which libvips does not write', () => {
  /** The tags of the first directory, and of those that it points to. */
  const tagsOf = async (path: string): Promise<Map<number, Buffer>> => {
    const bytes = bufferBytes(await readFile(path));
    const layout = layoutOf(bytes);
    if (layout === undefined) throw new Error('Expected a TIFF');
    const { entries } = readDirectory(bytes, layout, layout.first);
    const inner = entries
      .filter(({ tag }) => tag === 34_665 || tag === 34_853)
      .flatMap(({ value }) =>
        readDirectory(bytes, layout, value.readUInt32LE()).entries.map((entry) => ({ ...entry, tag: -entry.tag })),
      );
    expect(entries.map(({ tag }) => tag)).toEqual(entries.map(({ tag }) => tag).sort((one, other) => one - other));
    return new Map([...entries, ...inner].map(({ tag, value }) => [tag, value]));
  };

  it.each(['a photograph', '16 bits in Display P3', 'CMYK in JPEG'])(
    'has the camera and the place of %s',
    async (name) => {
      for (const steps of [[], mirroredBack]) {
        const { upload, files } = await rendered(name, steps);
        const { path = '', data } = files.get('tiff') ?? {};
        const tags = await tagsOf(path);
        expect(tags.get(271)?.toString('latin1')).toBe('Camera\0');
        // 51 degrees, 30 minutes, no seconds, as three rationals.
        const latitude = tags.get(-2);
        expect([0, 2, 4].map((index) => latitude?.readUInt32LE(index * 4))).toEqual([51, 30, 0]);
        expect(data?.equals(upload.data)).toBe(true);
      }
    },
  );

  it('has the whole IPTC of a JPEG beside it, and of another TIFF', async () => {
    const record = Buffer.concat([Buffer.of(0x1c, 2, 120, 0, 5), Buffer.from('Hello')]);
    const resources = Buffer.concat([Buffer.from('8BIM'), Buffer.of(4, 4, 0, 0, 0, 0, 0, record.length), record]);
    const segment = Buffer.concat([Buffer.from('Photoshop 3.0\0'), resources]);
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await pixels(3, 8).jpeg().toFile(path);
    const plain = await readFile(path);
    const app13 = Buffer.concat([Buffer.of(0xff, 0xed, 0, segment.length + 2), segment]);
    await writeFile(path, Buffer.concat([plain.subarray(0, 2), app13, plain.subarray(2)]));
    const written = async (source: string, format: InputFormat) => {
      const job = await jobOf(folder, source, traitsOf({ format }), { metadata: 'keep', formats: [encoding('tiff')] });
      return (await renderHere(job)).outputs[0]?.path ?? '';
    };
    const first = await written(path, 'jpeg');
    for (const file of [first, await written(first, 'tiff')]) {
      const tags = await tagsOf(file);
      expect(tags.get(34_377)?.equals(resources)).toBe(true);
      expect(tags.has(33_723)).toBe(false);
      expect((await stored(file)).metadata).toMatchObject({ width, height });
    }
  });

  it('is taken over from another TIFF', async () => {
    const { files } = await rendered('a photograph', []);
    const folder = await temporaryFolder();
    const job = await jobOf(folder, files.get('tiff')?.path ?? '', traitsOf({ format: 'tiff' }), {
      metadata: 'keep',
      formats: [encoding('tiff', { bigtiff: true })],
    });
    const [written] = (await renderHere(job)).outputs;
    const tags = await tagsOf(written?.path ?? '');
    expect(tags.get(271)?.toString('latin1')).toBe('Camera\0');
    expect(tags.get(-2)?.readUInt32LE()).toBe(51);
  });

  it('is read with the high byte first as well', async () => {
    const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
    const u32 = (...values: number[]) => Buffer.concat(values.map((value) => u16(value >> 16, value & 65_535)));
    // The header, a directory with a make at 38 and the place at 46, and there the latitude at 64.
    const block = Buffer.concat([
      Buffer.from('MM'),
      u16(42),
      u32(8),
      u16(2),
      Buffer.concat([u16(271, 2), u32(7, 38), u16(34_853, 4), u32(1, 46), u32(0)]),
      Buffer.from('Camera\0\0'),
      Buffer.concat([u16(1, 2, 5), u32(3, 64), u32(0), u32(51, 1, 30, 1, 0, 1)]),
    ]);
    const segment = Buffer.concat([Buffer.from('Exif\0\0'), block]);
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await pixels(3, 8).jpeg().toFile(path);
    const plain = await readFile(path);
    const app1 = Buffer.concat([Buffer.of(0xff, 0xe1), u16(segment.length + 2), segment]);
    await writeFile(path, Buffer.concat([plain.subarray(0, 2), app1, plain.subarray(2)]));
    const job = await jobOf(folder, path, traitsOf({ format: 'jpeg' }), {
      metadata: 'keep',
      formats: [encoding('tiff')],
    });
    const tags = await tagsOf((await renderHere(job)).outputs[0]?.path ?? '');
    expect(tags.get(271)?.toString('latin1')).toBe('Camera\0');
    expect([0, 2, 4].map((index) => tags.get(-2)?.readUInt32LE(index * 4))).toEqual([51, 30, 0]);
  });

  it('is left out where it is broken, and nothing else with it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    await uploads['a photograph']?.().toFile(path);
    const whole = await readFile(path);
    const start = whole.indexOf('Exif\0\0') + 6;
    for (let broken = 0; broken < 120; broken += 3) {
      const bytes = Buffer.from(whole);
      bytes[start + 8 + broken] = 0xff;
      await writeFile(path, bytes);
      const job = await jobOf(folder, path, traitsOf({ format: 'jpeg' }), {
        metadata: 'keep',
        formats: [encoding('tiff')],
      });
      const [written] = (await renderHere(job)).outputs;
      expect((await stored(written?.path ?? '')).metadata).toMatchObject({ width, height });
    }
  });
});
