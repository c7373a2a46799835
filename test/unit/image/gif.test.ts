import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { expectAsSharp, expectScanAsSharp } from './expect-as-sharp.ts';
import { comment, control, frame, gifFile, screen } from './gif-parts.ts';
import { kinds, picture } from './picture.ts';

const animation = async (frames: number, channels: 3 | 4 = 3, side = 20): Promise<Buffer> => {
  const pixels = Uint8Array.from({ length: side * side * frames * channels }, (_, index) => (index * 7919) >> 5);
  return await sharp(pixels, { raw: { width: side, height: side * frames, channels, pageHeight: side } })
    .gif({ delay: Array.from({ length: frames }, () => 100) })
    .toBuffer();
};

describe('GIF', () => {
  it.each(kinds)('reads %s as sharp does', async (kind) => {
    expect(await expectAsSharp(await picture(kind).gif().toBuffer())).toMatchObject({
      frames: { count: 1, known: 'exact' },
      width: 61,
      height: 37,
    });
  });

  it.each([
    ['colours', 2],
    ['colours', 7],
    ['colours', 256],
  ])('reads a table of %s %i', async (_, colours) => {
    await expectAsSharp(await picture().gif({ colours }).toBuffer());
  });

  it('reads both versions and interlaced rows', async () => {
    const bytes = gifFile(screen(8, 8), frame(8, 8, { interlaced: true }));
    expect(await expectAsSharp(bytes)).toMatchObject({ isInterlaced: true });
    bytes.write('GIF87a', 'latin1');
    expect(await expectAsSharp(bytes)).toMatchObject({ isInterlaced: true });
  });

  it('counts the frames of an animation that lies within what is read', async () => {
    expect(await expectAsSharp(await animation(5))).toMatchObject({ frames: { count: 5, known: 'exact' } });
  });

  it('takes transparency in any frame for alpha', async () => {
    const file = (...transparent: boolean[]) =>
      gifFile(screen(8, 8), ...transparent.flatMap((is) => [control(is), frame(8, 8)]));
    expect(await expectAsSharp(file(false, false))).toMatchObject({ hasAlpha: false, channels: 3 });
    expect(await expectAsSharp(file(true, false))).toMatchObject({ hasAlpha: true, channels: 4 });
    expect(await expectAsSharp(file(false, true))).toMatchObject({ hasAlpha: true, channels: 4 });
  });

  it.each([
    ['the screen', screen(30, 20), frame(8, 8), 30, 20],
    ['a first frame that goes beyond it', screen(30, 20), frame(8, 30, { left: 25 }), 33, 30],
    ['no screen', screen(0, 20), frame(8, 9), 8, 9],
    ['a screen of an old display', screen(640, 480), frame(8, 9, { left: 2, top: 1 }), 10, 10],
    ['a screen past the trusted size', screen(2049, 8), frame(8, 9), 8, 9],
    ['a screen of the largest trusted size', screen(2048, 8), frame(8, 8), 2048, 8],
    ['a first frame of no pixels', screen(0, 0), frame(0, 0), 1, 1],
  ])('gives the size of %s', async (_, head, first, width, height) => {
    const bytes = gifFile(head, control(false), first, frame(40, 40));
    expect(await expectAsSharp(bytes)).toMatchObject({ width, height, frames: { count: 2, known: 'exact' } });
  });

  it('takes the largest colour table, and two colours where there is none', async () => {
    const bits = async (tableBits: number, ...frames: Buffer[]) =>
      (await expectAsSharp(gifFile(screen(8, 8, tableBits), ...frames))).bitDepth;
    expect(await bits(0, frame(8, 8))).toBe(1);
    expect(await bits(3, frame(8, 8))).toBe(3);
    expect(await bits(3, frame(8, 8), frame(8, 8, { tableBits: 5 }))).toBe(5);
    expect(await bits(3, frame(8, 8, { tableBits: 2 }))).toBe(3);
    expect(await bits(0, frame(8, 8, { tableBits: 2 }))).toBe(2);
  });

  it('reads one window of a long file, and says what it cannot know', async () => {
    const bytes = gifFile(screen(300, 300), control(false), frame(300, 300), control(true), frame(300, 300));
    const source = bufferSource(bytes);
    expect(bytes.length).toBeGreaterThan(64 * 1024);
    expect(await probe(source)).toMatchObject({
      width: 300,
      frames: { count: 1, known: 'atLeast' },
      hasAlpha: false,
    });
    expect(source.reads).toEqual([{ offset: 0, length: 32 * 1024 }]);
    expect(await expectScanAsSharp(bytes)).toMatchObject({ frames: { count: 2, known: 'exact' }, hasAlpha: true });
  });

  it('counts the frames that it has seen of a long animation', async () => {
    const bytes = gifFile(screen(9, 9), ...Array.from({ length: 1000 }, () => frame(9, 9)));
    const { frames } = await expectAsSharp(bytes);
    expect(frames.known).toBe('atLeast');
    expect(frames.count).toBeGreaterThan(100);
    expect(await expectScanAsSharp(bytes)).toMatchObject({ frames: { count: 1000, known: 'exact' } });
  });

  it('reads on behind long comments for the first frame', async () => {
    const source = bufferSource(gifFile(screen(9, 9), comment(100_000), frame(9, 9)));
    expect(await probe(source)).toMatchObject({ width: 9, frames: { count: 1, known: 'exact' } });
    expect(source.bytesRead()).toBeLessThanOrEqual(source.size * 1.02);
  });

  it('ends at a stray byte, and ignores what lies behind the end', async () => {
    const whole = gifFile(screen(9, 9), frame(9, 9));
    expect(await expectAsSharp(Buffer.concat([whole, frame(9, 9)]))).toMatchObject({ frames: { count: 1 } });
    const stray = gifFile(screen(9, 9), frame(9, 9), Buffer.from([0x00]), frame(9, 9));
    expect(await expectAsSharp(stray)).toMatchObject({ frames: { count: 1, known: 'exact' } });
  });

  it('takes a later frame that is cut off for one, as sharp does', async () => {
    const bytes = gifFile(screen(90, 90), frame(90, 90), control(true), frame(90, 90)).subarray(0, -100);
    expect(await expectAsSharp(bytes)).toMatchObject({ frames: { count: 2, known: 'exact' }, hasAlpha: true });
  });

  it.each([
    ['no frame', gifFile(screen(9, 9))],
    ['half a head', screen(9, 9).subarray(0, 9)],
    ['half a colour table', screen(9, 9, 8).subarray(0, 300)],
    ['half a frame', gifFile(screen(90, 90), frame(90, 90)).subarray(0, -100)],
    ['codes of 13 bits', gifFile(screen(9, 9), frame(9, 9, { codeBits: 12 }))],
    ['a stray byte before the first frame', gifFile(screen(9, 9), Buffer.from([7]), frame(9, 9))],
  ])('refuses %s, as sharp does', async (_, bytes) => {
    await expect(probe(bufferSource(bytes))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'UnreadableHeader',
      message: expect.stringContaining('a whole frame of a GIF'),
    });
    await expect(sharp(bytes, { failOn: 'error' }).metadata()).rejects.toThrow();
  });
});
