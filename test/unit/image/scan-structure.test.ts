import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { scanStructure } from '../../../core/image/scan-structure.ts';
import { bufferSource } from './buffer-source.ts';
import { segment } from './jpeg-parts.ts';
import { picture } from './picture.ts';
import { chunk, imageHeader, pngFile } from './png-parts.ts';

const check = async (bytes: Buffer) => scanStructure(bufferSource(bytes), await probe(bufferSource(bytes)));
const progressive = await picture().jpeg({ progressive: true }).toBuffer();
const withScans = (count: number) =>
  Buffer.concat([
    progressive.subarray(0, -2),
    ...Array.from({ length: count - 10 }, () => segment(0xda, Buffer.from([1, 1, 0, 0, 0, 0]))),
    Buffer.from([0xff, 0xd9]),
  ]);

/** A PNG whose text chunks only declare their bytes: a source answers zeros for them. */
const pngDeclaring = (mebibytes: number) => {
  const start = pngFile(imageHeader({})).subarray(0, -12);
  const text = Buffer.concat([Buffer.alloc(4), Buffer.from('iTXt')]);
  text.writeUInt32BE(mebibytes * 1024 * 1024);
  const end = chunk('IEND');
  const textEnd = start.length + 12 + mebibytes * 1024 * 1024;
  const reads: number[] = [];
  return {
    reads,
    size: textEnd + end.length,
    read: async (offset: number, length: number) => {
      reads.push(length);
      const bytes = Buffer.alloc(length);
      for (const [part, at] of [
        [start, 0],
        [text, start.length],
        [end, textEnd],
      ] as const) {
        const from = Math.max(at, offset);
        const to = Math.min(at + part.length, offset + length);
        if (from < to) {
          part.copy(bytes, from - offset, from - at, to - at);
        }
      }
      return bytes;
    },
  };
};

describe('scanStructure of JPEG and PNG', () => {
  it.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
    'changes nothing of an ordinary %s',
    async (format) => {
      const bytes = await picture().toFormat(format).toBuffer();
      expect(await check(bytes)).toEqual(await probe(bufferSource(bytes)));
    },
  );

  it('takes a sequence in AVIF for the one picture that is shown', async () => {
    const traits = await probe(bufferSource(await picture().avif({ effort: 0 }).toBuffer()));
    const told = await scanStructure(bufferSource(Buffer.alloc(0)), {
      ...traits,
      frames: { count: 1, known: 'atLeast' },
    });
    expect(told.frames).toEqual({ count: 1, known: 'exact' });
  });

  it('accepts a progressive JPEG of 100 scans and refuses one of 101', async () => {
    await check(withScans(100));
    await expect(check(withScans(101))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'TooManyScans',
      message:
        'Expected a JPEG of at most 100 scans but received one of 101. ' +
        'Save it again as a baseline or an ordinary progressive JPEG and upload that.',
    });
  });

  it('accepts a PNG with 64 MiB of metadata and refuses one with more, reading none of it', async () => {
    const traits = await probe(bufferSource(pngFile(imageHeader({}))));
    const allowed = pngDeclaring(64);
    await scanStructure(allowed, traits);
    expect(allowed.reads.length).toBeLessThanOrEqual(2);
    await expect(scanStructure(pngDeclaring(65), traits)).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'TooMuchMetadata',
      message: expect.stringContaining('at most 67108864 bytes of metadata but received one with 68157440'),
    });
  });

  it('adds up chunks before and behind the data, and counts no picture data', async () => {
    const traits = await probe(bufferSource(pngFile(imageHeader({}))));
    const half = chunk('tEXt', Buffer.alloc(33 * 1024 * 1024));
    const data = chunk('IDAT', Buffer.alloc(33 * 1024 * 1024));
    const whole = (...chunks: Buffer[]) =>
      bufferSource(Buffer.concat([pngFile(imageHeader({})).subarray(0, -12), ...chunks, chunk('IEND')]));
    await scanStructure(whole(half, data, data), traits);
    await expect(scanStructure(whole(half, data, half), traits)).rejects.toMatchObject({ code: 'TooMuchMetadata' });
  });

  it('walks through very many small chunks in one go', async () => {
    const bytes = pngFile(imageHeader({}));
    const flood = Buffer.concat([
      bytes.subarray(0, -12),
      ...Array.from({ length: 200_000 }, () => chunk('tEXt')),
      chunk('IEND'),
    ]);
    const source = bufferSource(flood);
    await scanStructure(source, await probe(bufferSource(bytes)));
    expect(source.bytesRead()).toBeLessThanOrEqual(flood.length * 1.01);
  });
});
