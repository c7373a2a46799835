import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { scanStructure } from '../../../core/image/scan-structure.ts';
import { bufferSource } from './buffer-source.ts';
import { expectAsSharp, expectScanAsSharp } from './expect-as-sharp.ts';
import { picture } from './picture.ts';
import { animated, chunk, frame, lossyChunk } from './webp-parts.ts';

const lossy = await lossyChunk(picture('colour', 16, 16));
const lossless = (await picture('colour', 16, 16).webp({ lossless: true }).toBuffer()).subarray(12);
const transparent = (await picture('colour + alpha', 16, 16).webp({ lossless: true }).toBuffer()).subarray(12);
const scan = async (bytes: Buffer) => scanStructure(bufferSource(bytes), await probe(bufferSource(bytes)));

describe('scanStructure of animated WebP', () => {
  it.each([3, 4] as const)('counts the frames that sharp writes with %i channels', async (channels) => {
    const pixels = Uint8Array.from({ length: 20 * 100 * channels }, (_, index) => (index * 7919) >> 3);
    const bytes = await sharp(pixels, { raw: { width: 20, height: 100, channels, pageHeight: 20 } })
      .webp({ delay: [9, 9, 9, 9, 9] })
      .toBuffer();
    expect((await expectScanAsSharp(bytes)).frames).toEqual({ count: 5, known: 'exact' });
  });

  it('adds alpha where the decoder does, whatever the header announces', async () => {
    const whole = frame(16, 16, lossless);
    expect(await expectScanAsSharp(animated(16, 16, [whole, whole]))).toMatchObject({ hasAlpha: false, channels: 3 });
    const smaller = animated(18, 18, [frame(16, 16, lossy)]);
    expect(await expectAsSharp(smaller)).toMatchObject({ hasAlpha: true });
    expect(await expectScanAsSharp(smaller)).toMatchObject({ hasAlpha: true, channels: 4 });
    const later = animated(16, 16, [whole, frame(16, 16, transparent)]);
    expect(await probe(bufferSource(later))).toMatchObject({ hasAlpha: false });
    expect(await expectScanAsSharp(later)).toMatchObject({ hasAlpha: true, channels: 4 });
    expect(await expectAsSharp(animated(16, 16, [frame(16, 16, transparent)]))).toMatchObject({ hasAlpha: true });
  });

  it('takes a frame without a picture for none', async () => {
    const empty = frame(16, 16, chunk('ABCD', Buffer.alloc(20)));
    expect((await expectScanAsSharp(animated(16, 16, [frame(16, 16, lossy), empty]))).frames.count).toBe(1);
  });

  it('counts alike wherever a window of reading ends', async () => {
    const windowBytes = 256 * 1024;
    for (let shift = 0; shift < 60; shift += 2) {
      const filling = chunk('ABCD', Buffer.alloc(windowBytes - 1000 + shift));
      const bytes = animated(16, 16, [frame(16, 16, lossy), filling, frame(16, 16, lossy), frame(16, 16, lossy)]);
      expect((await scan(bytes)).frames.count).toBe(3);
    }
  });

  it('accepts 20,000 frames, refuses one more, and skips the pictures', async () => {
    const one = frame(16, 16, lossless);
    const file = (count: number) =>
      animated(
        16,
        16,
        Array.from({ length: count }, () => one),
      );
    expect((await scan(file(20_000))).frames.count).toBe(20_000);
    await expect(scan(file(20_001))).rejects.toMatchObject({
      code: 'TooManyFrames',
      message: 'Expected a WebP of at most 20000 frames but received one of more. Upload it in parts.',
    });
    const large = frame(16, 16, Buffer.concat([lossy, chunk('ABCD', Buffer.alloc(2_000_000))]));
    const source = bufferSource(animated(16, 16, [large, large, large]));
    const traits = await probe(source);
    const before = source.bytesRead();
    expect((await scanStructure(source, traits)).frames.count).toBe(3);
    expect(source.bytesRead() - before).toBeLessThanOrEqual(4 * 256 * 1024);
  });

  it('refuses an animation whose frames all lack a picture', async () => {
    const bytes = animated(16, 16, [frame(16, 16, chunk('ABCD', Buffer.alloc(20)))]);
    await expect(scan(bytes)).rejects.toMatchObject({ code: 'UnreadableHeader' });
  });
});
