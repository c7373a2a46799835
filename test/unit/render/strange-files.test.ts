import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Traits } from '../../../core/image/traits.ts';
import { readableCause } from '../../../core/render/explain-failure.ts';
import { jobOf, noisyPicture, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

/** Renders a file of these bytes as if its header had said 200 x 150. */
const render = async (bytes: Uint8Array, changes: Partial<Traits> = {}) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload');
  await writeFile(path, bytes);
  const job = await jobOf(folder, path, traitsOf({ width: 200, height: 150, ...changes }), {
    steps: [step('resize', { width: 50 })],
  });
  return renderHere(job);
};

// Through files: once a plan was rendered, this process reads nothing from buffers.
const encoded = async (encode: (picture: Sharp) => Sharp): Promise<Buffer> => {
  const path = join(await temporaryFolder(), 'encoded');
  await encode(noisyPicture(200, 150)).toFile(path);
  return readFile(path);
};

const encodedAs = async (name: string): Promise<Buffer> => {
  const path = join(await temporaryFolder(), name);
  await noisyPicture(200, 150).toFile(path);
  return readFile(path);
};

const jpeg = () => encoded((picture) => picture.jpeg({ quality: 90 }));

describe('a truncated file is refused, with what the decoder says', () => {
  it.each<[string, (picture: Sharp) => Sharp, RegExp]>([
    ['JPEG', (picture) => picture.jpeg(), /premature end of JPEG image/],
    ['progressive JPEG', (picture) => picture.jpeg({ progressive: true }), /premature end of JPEG image/],
    ['PNG', (picture) => picture.png(), /libpng read error/],
    ['WebP', (picture) => picture.webp(), /unable to parse image/],
    ['AVIF', (picture) => picture.avif({ effort: 0 }), /Unexpected end of file/],
    ['TIFF', (picture) => picture.tiff({ compression: 'none' }), /./],
    ['TIFF in LZW', (picture) => picture.tiff({ compression: 'lzw' }), /./],
    [
      'TIFF in tiles',
      (picture) => picture.tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }),
      /./,
    ],
    ['GIF', (picture) => picture.gif({ effort: 1 }), /./],
  ])('%s', async (_, encode, told) => {
    const whole = await encoded(encode);
    await expect(render(whole)).resolves.toBeDefined();
    for (const share of [0.5, 0.98]) {
      await expect(render(whole.subarray(0, Math.floor(whole.length * share)))).rejects.toMatchObject({
        name: 'InvalidInputError',
        code: 'CorruptImage',
        message: expect.stringMatching(told),
      });
    }
  });
});

describe('what other programs show without a word is rendered', () => {
  it('a JPEG with stray bytes between its markers', async () => {
    const bytes = await jpeg();
    await expect(
      render(Buffer.concat([bytes.subarray(0, 2), Buffer.alloc(7), bytes.subarray(2)])),
    ).resolves.toBeDefined();
  });

  it('a baseline JPEG with odd scan parameters', async () => {
    const bytes = await jpeg();
    const scan = bytes.indexOf(Buffer.of(0xff, 0xda));
    bytes[scan + 11] = 0;
    bytes[scan + 12] = 0;
    await expect(render(bytes)).resolves.toBeDefined();
  });

  it('a JPEG with something behind its end', async () => {
    await expect(render(Buffer.concat([await jpeg(), Buffer.alloc(500, 65)]))).resolves.toBeDefined();
  });
});

describe('what was never promised is not even tried', () => {
  it.each<[string, () => Promise<Buffer>]>([
    ['SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="200" height="150"/>')],
    ["libvips' own format", () => encodedAs('file.v')],
    ['a portable anymap', async () => Buffer.from('P6 2 1 255\nabcdef')],
    ['text', async () => Buffer.from('Not a picture at all.')],
    ['an empty file', async () => Buffer.alloc(0)],
  ])('%s', async (_, bytes) => {
    await expect(render(await bytes())).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'CorruptImage',
      message: expect.stringContaining('unsupported image format'),
    });
  });

  it('a picture that is larger than the one that was planned', async () => {
    await expect(render(await jpeg(), { width: 100, height: 100 })).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining('exceeds pixel limit'),
    });
  });
});

describe('the words of libvips', () => {
  it('lose paths, prefixes and repetitions', () => {
    const told =
      '/tmp/x/upload: bad seek to 2776\n/tmp/x/upload: bad seek to 151\nheif: Invalid input: Unexpected end\n (2.100)';
    expect(readableCause(told, '/tmp/x/upload')).toBe('Invalid input: Unexpected end');
    expect(readableCause('VipsJpeg: premature end\nVipsJpeg: premature end', '/x')).toBe('premature end');
    expect(readableCause('/x: bad seek to 12', '/x')).toBe('the file ends too early');
  });
});

describe('sharp', () => {
  it('is still the locked version, whose order of operations and sizes are written down here', () => {
    expect(sharp.versions.sharp).toBe('0.35.5');
  });
});
