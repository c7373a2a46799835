import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { exifBlock, exifPrefix, orientationEntry } from './exif-block.ts';
import { expectAsSharp } from './expect-as-sharp.ts';
import { frameOffset, patched, profileSegments, segment, withSegments } from './jpeg-parts.ts';
import { picture } from './picture.ts';

const plain = await picture().jpeg().toBuffer();
const exifSegment = (block: Buffer, prefix = exifPrefix) => segment(0xe1, Buffer.concat([prefix, block]));

describe('JPEG', () => {
  it.each([
    ['baseline', {}],
    ['progressive', { progressive: true }],
    ['mozjpeg', { mozjpeg: true }],
    ['4:4:4', { chromaSubsampling: '4:4:4' }],
  ])('reads a %s one as sharp does', async (_, options) => {
    const traits = await expectAsSharp(await picture().jpeg(options).toBuffer());
    expect(traits.isProgressive).toBe('progressive' in options || 'mozjpeg' in options);
  });

  it.each(['b-w', 'srgb', 'cmyk'] as const)('reads %s as sharp does', async (space) => {
    const traits = await expectAsSharp(await picture().toColourspace(space).jpeg().toBuffer());
    expect(traits.isCmyk).toBe(space === 'cmyk');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads orientation %i', async (orientation) => {
    const traits = await expectAsSharp(await picture().withMetadata({ orientation }).jpeg().toBuffer());
    expect(traits).toMatchObject({ orientation, hasProfile: true, width: 61, height: 37 });
  });

  it('takes several scans of some components each for progressive, whatever the frame says', async () => {
    // One component a scan: only the count in the first scan header changes, which is all that tells.
    const scan = plain.indexOf(Buffer.from([0xff, 0xda]));
    const head = segment(0xda, Buffer.from([1, 1, 0x00, 0, 63, 0]));
    const oneByOne = Buffer.concat([plain.subarray(0, scan), head, plain.subarray(scan + head.length)]);
    expect(await expectAsSharp(oneByOne)).toMatchObject({ isProgressive: true });
  });

  it.each(['II', 'MM'] as const)('reads EXIF in byte order %s, of which only the first block counts', async (order) => {
    const block = (orientation: number) => exifSegment(exifBlock(order, [orientationEntry(orientation)]));
    expect(await expectAsSharp(withSegments(plain, block(6)))).toMatchObject({ orientation: 6 });
    expect(await expectAsSharp(withSegments(plain, block(8), block(3)))).toMatchObject({ orientation: 8 });
    const other = segment(0xe1, Buffer.from('Exif\0\x07MM', 'latin1'));
    expect(await expectAsSharp(withSegments(plain, other, block(3)))).toMatchObject({ orientation: 1 });
    const without = exifSegment(exifBlock(order, [{ tag: 0x010f, type: 3, count: 1, value: 6 }]));
    expect(await expectAsSharp(withSegments(plain, without, block(3)))).toMatchObject({ orientation: 1 });
  });

  it('finds EXIF behind the frame header too', async () => {
    const end = frameOffset(plain) + 2 + plain.readUInt16BE(frameOffset(plain) + 2);
    const block = exifSegment(exifBlock('MM', [orientationEntry(5)]));
    const late = Buffer.concat([plain.subarray(0, end), block, plain.subarray(end)]);
    expect(await expectAsSharp(late)).toMatchObject({ orientation: 5 });
  });

  it.each([
    ['orientation 0', exifBlock('MM', [orientationEntry(0)])],
    ['orientation 9', exifBlock('II', [orientationEntry(9)])],
    ['no value', exifBlock('II', [{ ...orientationEntry(6), count: 0 }])],
    ['more values than an entry holds', exifBlock('MM', [{ ...orientationEntry(6), count: 4 }])],
    ['text', exifBlock('MM', [{ ...orientationEntry(0x36000000), type: 2, count: 2 }])],
    ['an unknown type', exifBlock('MM', [{ ...orientationEntry(6), type: 13 }])],
    ['another magic number', patched(exifBlock('MM', [orientationEntry(6)]), 3, 43)],
    ['another byte order', patched(exifBlock('MM', [orientationEntry(6)]), 0, 0x58)],
    ['a directory past the end', patched(exifBlock('MM', [orientationEntry(6)]), 4, 0, 0, 99, 99)],
    ['a directory cut off', exifBlock('MM', [orientationEntry(6)]).subarray(0, 20)],
    ['no directory', exifBlock('MM', []).subarray(0, 8)],
    ['two bytes', Buffer.from('MM')],
  ])('takes damaged EXIF (%s) for orientation 1', async (_, block) => {
    expect(await expectAsSharp(withSegments(plain, exifSegment(block)))).toMatchObject({ orientation: 1 });
  });

  it.each([
    ['LONG', { ...orientationEntry(6), type: 4 }],
    ['BYTE', { ...orientationEntry(6), type: 1 }],
    ['SSHORT', { ...orientationEntry(6), type: 8 }],
    ['SLONG', { ...orientationEntry(6), type: 9 }],
    ['two SHORTs', { ...orientationEntry(6), count: 2 }],
  ])('takes an orientation stored as %s, as libvips does', async (_, entry) => {
    expect(await expectAsSharp(withSegments(plain, exifSegment(exifBlock('MM', [entry]))))).toMatchObject({
      orientation: 6,
    });
    expect(await expectAsSharp(withSegments(plain, exifSegment(exifBlock('II', [entry]))))).toMatchObject({
      orientation: 6,
    });
  });

  it('counts a profile only where its first part is there', async () => {
    const [first, second] = profileSegments(70_000);
    expect(await expectAsSharp(withSegments(plain, first ?? Buffer.alloc(0)))).toMatchObject({ hasProfile: true });
    expect(await expectAsSharp(withSegments(plain, second ?? Buffer.alloc(0)))).toMatchObject({ hasProfile: false });
    expect(await expectAsSharp(withSegments(plain, ...profileSegments(1)))).toMatchObject({ hasProfile: true });
  });

  it.each([
    ['fill bytes', Buffer.from([0xff, 0xff, 0xff])],
    ['markers without a body', Buffer.from([0xff, 0x01, 0xff, 0xd3])],
    ['stray bytes', Buffer.from([1, 2, 3, 0xff, 0])],
  ])('passes over %s', async (_, bytes) => {
    await expectAsSharp(withSegments(plain, bytes));
  });

  it.each([0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca])('accepts frames of marker ff %i', async (marker) => {
    await expectAsSharp(patched(plain, frameOffset(plain) + 1, marker));
  });

  it.each([0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf])(
    'refuses frames of marker ff %i, with the reason',
    async (marker) => {
      await expect(probe(bufferSource(patched(plain, frameOffset(plain) + 1, marker)))).rejects.toMatchObject({
        code: 'UnsupportedFormat',
        message: expect.stringContaining('hierarchical or arithmetic lossless coding, which cannot be decoded'),
      });
    },
  );

  it.each([2, 12, 16])('refuses %i bits per channel', async (bits) => {
    await expect(probe(bufferSource(patched(plain, frameOffset(plain) + 4, bits)))).rejects.toMatchObject({
      code: 'UnsupportedFormat',
      message: expect.stringContaining(`a JPEG of ${bits} bits per channel`),
    });
  });

  const frame = frameOffset(plain);
  it.each([
    ['no height', patched(plain, frame + 5, 0, 0), '61 x 0'],
    ['a width past the limit', patched(plain, frame + 7, 0xff, 0xff), '65535 x 37'],
    ['two components', patched(plain, frame + 9, 2), '1, 3 or 4 colour components'],
    ['a frame header of another length', patched(plain, frame + 9, 4), 'a frame header of 18 bytes'],
    ['a segment without a length', withSegments(plain, Buffer.from([0xff, 0xe5, 0, 1])), 'but received one of 1'],
    ['a segment past the end', withSegments(plain, Buffer.from([0xff, 0xe5, 0xff, 0xff])), 'one of 65535'],
    ['a second start', withSegments(plain, Buffer.from([0xff, 0xd8])), 'marker ff d8'],
    ['an end at once', withSegments(plain, Buffer.from([0xff, 0xd9])), 'marker ff d9'],
    ['a reserved marker', withSegments(plain, Buffer.from([0xff, 0xf0, 0, 2])), 'marker ff f0'],
    ['two frame headers', withSegments(plain, plain.subarray(frame, frame + 19)), 'one JPEG frame header'],
    [
      'a scan before the frame',
      withSegments(plain, plain.subarray(plain.indexOf(Buffer.from([0xff, 0xda])))),
      'before the first scan',
    ],
    ['nothing but its first marker', Buffer.from([0xff, 0xd8, 0xff]), 'at byte 3'],
    ['zeros', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2]), Buffer.alloc(9000)]), '00 00 00 00'],
  ])('says what is wrong with %s', async (_, bytes, message) => {
    await expect(probe(bufferSource(bytes))).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'UnreadableHeader',
      message: expect.stringContaining(message),
    });
  });

  it('skips metadata without reading it', async () => {
    const thumbnail = segment(
      0xe1,
      Buffer.concat([exifPrefix, exifBlock('II', [orientationEntry(6)]), Buffer.alloc(60_000)]),
    );
    const source = bufferSource(withSegments(plain, thumbnail));
    expect(await probe(source)).toMatchObject({ orientation: 6, width: 61 });
    expect(source.reads).toHaveLength(2);
    expect(source.bytesRead()).toBeLessThanOrEqual(48 * 1024);
  });

  it('reads a header behind a profile of 600 KB', async () => {
    const bytes = withSegments(plain, ...profileSegments(600_000));
    const source = bufferSource(bytes);
    expect(await probe(source)).toMatchObject({ hasProfile: true, width: 61, height: 37 });
    expect(source.reads.length).toBeLessThanOrEqual(11);
    await expectAsSharp(bytes);
  });

  it('gives up on a header without an end', async () => {
    const source = bufferSource(withSegments(plain, ...profileSegments(4_000_000)));
    await expect(probe(source)).rejects.toMatchObject({
      code: 'UnreadableHeader',
      message: expect.stringContaining('within 32 reads and 1024 KiB'),
    });
    expect(source.reads.length).toBeLessThanOrEqual(32);
  });
});
