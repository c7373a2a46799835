import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { scanStructure } from '../../../core/image/scan-structure.ts';
import { bufferSource } from './buffer-source.ts';
import { expectScanAsSharp } from './expect-as-sharp.ts';
import { comment, control, frame, gifFile, screen } from './gif-parts.ts';

const scan = async (bytes: Buffer) => scanStructure(bufferSource(bytes), await probe(bufferSource(bytes)));
const frames = (count: number) => Array.from({ length: count }, () => frame(1, 1));

describe('scanStructure of GIF', () => {
  it.each([1, 2, 50])('counts %i frames as sharp does', async (count) => {
    const bytes = gifFile(screen(8, 8), ...frames(count));
    expect(await expectScanAsSharp(bytes)).toMatchObject({ frames: { count, known: 'exact' }, hasEqualFrames: true });
  });

  it('counts alike wherever a window of reading ends', async () => {
    const windowBytes = 256 * 1024;
    const head = Buffer.concat([screen(8, 8), comment(windowBytes - 700)]);
    for (let shift = 0; shift < 40; shift++) {
      const filling = Buffer.from([0x21, 0xfe, shift + 1, ...Buffer.alloc(shift + 1), 0]);
      const bytes = gifFile(head, filling, control(true), frame(9, 9), frame(9, 9), frame(9, 9));
      expect((await scan(bytes)).frames.count).toBe(3);
    }
  });

  it('finds alpha, interlaced rows and a larger table in the last of many frames', async () => {
    const last = [control(true), frame(8, 8, { interlaced: true, tableBits: 4 })];
    const bytes = gifFile(screen(8, 8), ...frames(3000), ...last);
    expect(await probe(bufferSource(bytes))).toMatchObject({ hasAlpha: false, isInterlaced: false, bitDepth: 1 });
    expect(await expectScanAsSharp(bytes)).toMatchObject({
      hasAlpha: true,
      channels: 4,
      isInterlaced: true,
      bitDepth: 4,
    });
  });

  it('accepts 100,000 frames and refuses one more, in one pass', async () => {
    const most = gifFile(screen(8, 8), ...frames(100_000));
    const source = bufferSource(most);
    expect((await scanStructure(source, await probe(bufferSource(most)))).frames.count).toBe(100_000);
    expect(source.bytesRead()).toBeLessThanOrEqual(most.length * 1.01);
    await expect(scan(gifFile(screen(8, 8), ...frames(100_001)))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'TooManyFrames',
      message: 'Expected a GIF of at most 100000 frames but received one of more. Upload it in parts.',
    });
  });

  it('refuses a later frame that the decoder would crop, though the screen has room for it', async () => {
    const larger = frame(300, 250);
    const cropped = gifFile(screen(800, 600), frame(100, 80, { left: 10 }), larger);
    await expect(scan(cropped)).rejects.toMatchObject({ code: 'FramesBeyondCanvas' });
    // A screen that the decoder believes, and frames that hang over the edge of every screen.
    expect((await scan(gifFile(screen(400, 300), frame(100, 80), larger))).frames.count).toBe(2);
    expect((await scan(gifFile(screen(200, 200), frame(100, 80), larger))).frames.count).toBe(2);
  });

  it('refuses a file that ends inside a later frame, of which a decoder would make something up', async () => {
    const whole = gifFile(screen(8, 8), frame(8, 8), frame(8, 8), frame(8, 8));
    const ends = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    const counts = await Promise.all(
      ends.map((bytes) =>
        scan(bytes).then(
          ({ frames }) => frames.count,
          ({ code }) => code as string,
        ),
      ),
    );
    expect(counts).toContain('UnreadableHeader');
    expect(counts.at(-3)).toBe('UnreadableHeader');
    expect((await scan(whole)).frames.count).toBe(3);
  });

  it('refuses frames far beyond the canvas, for which a decoder works and shows nothing', async () => {
    const wide = frame(8, 8);
    wide.writeUInt16LE(65_535, 5);
    wide.writeUInt16LE(2000, 7);
    const file = (count: number) => gifFile(screen(8, 2000), frame(8, 8), ...Array.from({ length: count }, () => wide));
    expect((await scan(file(3))).frames.count).toBe(4);
    await expect(scan(file(4))).rejects.toMatchObject({ code: 'FramesBeyondCanvas' });
  });

  it('refuses a first frame that is cut off behind what the probe reads', async () => {
    const bytes = gifFile(screen(300, 300), frame(300, 300)).subarray(0, -100);
    await expect(scan(bytes)).rejects.toMatchObject({ code: 'UnreadableHeader' });
  });
});
