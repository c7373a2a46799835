import { describe, expect, it } from 'vitest';
import { countJpegScans } from '../../../core/image/count-jpeg-scans.ts';
import { bufferSource } from './buffer-source.ts';
import { segment, withSegments } from './jpeg-parts.ts';
import { picture } from './picture.ts';

const baseline = await picture().jpeg().toBuffer();
const progressive = await picture().jpeg({ progressive: true }).toBuffer();
const scanHeader = Buffer.from([0xff, 0xda]);
const endMarker = Buffer.from([0xff, 0xd9]);
/** A scan of its own: header and a few coded bytes. */
const scan = Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])), Buffer.from([1, 2, 0xff, 0, 3])]);
const withScans = (count: number) =>
  Buffer.concat([baseline.subarray(0, -2), ...Array.from({ length: count }, () => scan), endMarker]);

describe('countJpegScans', () => {
  it('counts one scan in a baseline JPEG and all in a progressive one', async () => {
    expect(await countJpegScans(bufferSource(baseline))).toBe(1);
    // libjpeg's script for colour has ten scans.
    expect(await countJpegScans(bufferSource(progressive))).toBe(10);
  });

  it('counts scans that were added', async () => {
    expect(await countJpegScans(bufferSource(withScans(880)))).toBe(881);
  });

  it('takes no marker inside a segment for a scan', async () => {
    const thumbnail = segment(0xe1, Buffer.concat([scanHeader, scan, scanHeader]));
    expect(await countJpegScans(bufferSource(withSegments(baseline, thumbnail)))).toBe(1);
  });

  it('ends at the end marker', async () => {
    expect(await countJpegScans(bufferSource(Buffer.concat([baseline, scan, scan])))).toBe(1);
  });

  it('passes over restart markers, stuffed and fill bytes', async () => {
    const bytes = Buffer.concat([
      baseline.subarray(0, -2),
      Buffer.from([0xff, 0xd0, 7, 0xff, 0, 0xff, 0xff, 0xff, 0xd7]),
      scan,
      endMarker,
    ]);
    expect(await countJpegScans(bufferSource(bytes))).toBe(2);
    const filled = Buffer.concat([baseline.subarray(0, -2), Buffer.from([0xff]), scan, endMarker]);
    expect(await countJpegScans(bufferSource(filled))).toBe(2);
  });

  it('counts alike wherever a window of reading ends', async () => {
    const windowBytes = 256 * 1024;
    for (let shift = 0; shift < scan.length + 4; shift++) {
      const filling = Buffer.alloc(windowBytes - baseline.length - shift + 4, 0x55);
      const bytes = Buffer.concat([baseline.subarray(0, -2), filling, scan, scan, endMarker]);
      expect(await countJpegScans(bufferSource(bytes))).toBe(3);
    }
  });

  it('reads coded data once, and skips long segments', async () => {
    const large = withSegments(baseline, ...Array.from({ length: 40 }, () => segment(0xe2, Buffer.alloc(65_000))));
    const source = bufferSource(Buffer.concat([large.subarray(0, -2), Buffer.alloc(1_000_000, 0x55), endMarker]));
    expect(await countJpegScans(source)).toBe(1);
    expect(source.bytesRead()).toBeLessThanOrEqual(source.size * 1.01);
  });

  it.each([0, 1, 2, 3, 4, 5, 20])('counts a file cut off after %i bytes as far as it goes', async (length) => {
    expect(await countJpegScans(bufferSource(baseline.subarray(0, length)))).toBe(0);
  });
});
