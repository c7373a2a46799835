import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { picture } from './picture.ts';

describe('probe', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('tells %s by its content', async (format) => {
    expect(await probe(bufferSource(await picture().toFormat(format).toBuffer()))).toMatchObject({
      format,
      width: 61,
      height: 37,
    });
  });

  it.each([
    ['jpeg', { quality: 95 }],
    ['png', {}],
    ['webp', { lossless: true, effort: 0 }],
    ['avif', { quality: 90, effort: 0 }],
    ['gif', { effort: 1, dither: 1 }],
  ] as const)('reads a large %s once, and 32 KiB of it', async (format, options) => {
    const source = bufferSource(await picture('colour', 400, 300).toFormat(format, options).toBuffer());
    expect(await probe(source)).toMatchObject({ format, width: 400, height: 300, fileBytes: source.size });
    expect(source.size).toBeGreaterThan(64 * 1024);
    expect(source.reads).toEqual([{ offset: 0, length: 32 * 1024 }]);
  });

  it('refuses an empty file without reading it', async () => {
    const source = bufferSource(new Uint8Array());
    await expect(probe(source)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'EmptyFile',
      message:
        'Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF picture but received a file of 0 bytes. Upload the picture itself.',
    });
    expect(source.reads).toEqual([]);
  });

  it('says what a file looks like that it does not read, what it would read, and what to do', async () => {
    const icon = Buffer.from('\0\0\x01\0\x01\0', 'latin1');
    await expect(probe(bufferSource(icon))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'UnsupportedFormat',
      message:
        'Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF picture but received an icon (ICO). ' +
        'Save it in one of these formats and upload it again.',
    });
  });

  it('gives the first bytes of a file that it does not recognise', async () => {
    await expect(probe(bufferSource(Buffer.from('deadbeef00', 'hex')))).rejects.toMatchObject({
      code: 'UnsupportedFormat',
      message: expect.stringContaining('it begins with the bytes de ad be ef 00'),
    });
  });

  it('refuses this very file', async () => {
    const bytes = await readFile(new URL(import.meta.url));
    await expect(probe(bufferSource(bytes))).rejects.toMatchObject({
      code: 'UnsupportedFormat',
      message: expect.stringContaining('received a text file'),
    });
  });
});
