import { describe, expect, it } from 'vitest';
import { probe } from '../../../core/image/probe.ts';
import { bufferSource } from './buffer-source.ts';
import { expectAsSharp } from './expect-as-sharp.ts';
import { alphaKind, box, clap, codedPicture, colr, grid, heifFile, imir, irot, ispe, u32 } from './heif-file.ts';
import { kinds, picture } from './picture.ts';

const tile = codedPicture(await picture('colour', 64, 64).avif({ effort: 0 }).toBuffer());
const one = (...properties: Buffer[]) => [
  { id: 1, type: 'av01', data: tile.data, properties: [ispe(64, 64), tile.av1C, ...properties] },
];
/** Four tiles of 64 x 64, cropped to 120 x 100. */
const tiles = (type = 'av01') => ({
  items: [
    { id: 1, type: 'grid', data: grid(2, 2, 120, 100), properties: [ispe(120, 100)] },
    ...[2, 3, 4, 5].map((id) => ({ id, type, data: tile.data, properties: [ispe(64, 64), Buffer.from(tile.av1C)] })),
  ],
  references: [{ type: 'dimg', from: 1, to: [2, 3, 4, 5] }],
});

describe('AVIF', () => {
  it.each(kinds)('reads %s as sharp does', async (kind) => {
    await expectAsSharp(await picture(kind).avif({ effort: 0 }).toBuffer());
    await expectAsSharp(await picture(kind).withIccProfile('p3').avif({ effort: 0 }).toBuffer());
  });

  it.each([8, 10, 12] as const)('reads %i bits per channel as sharp does', async (bitdepth) => {
    const traits = await expectAsSharp(await picture().toColourspace('rgb16').avif({ bitdepth, effort: 0 }).toBuffer());
    expect(traits.bitDepth).toBe(bitdepth);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'gives the decoded size and orientation 1 for orientation %i',
    async (orientation) => {
      const traits = await expectAsSharp(await picture().withMetadata({ orientation }).avif({ effort: 0 }).toBuffer());
      const isTurned = orientation >= 5;
      expect(traits).toMatchObject({ orientation: 1, width: isTurned ? 37 : 61, height: isTurned ? 61 : 37 });
    },
  );

  it.each([
    ['turned', [ispe(64, 48), irot(1)], { width: 48, height: 64 }],
    ['turned about', [ispe(64, 48), irot(2)], { width: 64, height: 48 }],
    ['mirrored', [ispe(64, 48), imir(0)], { width: 64, height: 48 }],
    ['cropped', [ispe(64, 48), clap(30, 20)], { width: 30, height: 20 }],
    ['cropped, then turned', [ispe(64, 48), clap(30, 20), irot(3)], { width: 20, height: 30 }],
    ['turned, then mirrored', [ispe(64, 48), irot(3), imir(1)], { width: 48, height: 64 }],
  ])('follows the properties of a picture that is %s', async (_, properties, size) => {
    const items = [{ id: 1, type: 'av01', data: tile.data, properties: [...properties, tile.av1C] }];
    expect(await expectAsSharp(heifFile({ items }))).toMatchObject(size);
  });

  it('reads a grid of tiles', async () => {
    expect(await expectAsSharp(heifFile(tiles()))).toMatchObject({ width: 120, height: 100, bitDepth: 8 });
  });

  it('reads the primary picture among several', async () => {
    const items = [
      ...one(),
      { id: 2, type: 'av01', data: tile.data, properties: [ispe(32, 16), tile.av1C, colr('prof', Buffer.alloc(200))] },
    ];
    expect(await expectAsSharp(heifFile({ items }))).toMatchObject({ width: 64, hasProfile: false });
    expect(await expectAsSharp(heifFile({ items, primary: 2 }))).toMatchObject({ width: 32, hasProfile: true });
  });

  it('takes auxiliary pictures of the alpha kind for alpha, and no others', async () => {
    const alpha = (kind: Buffer) => ({
      items: [
        ...one(),
        { id: 2, type: 'av01', data: tile.data, properties: [ispe(64, 64), Buffer.from(tile.av1C), kind] },
      ],
      references: [{ type: 'auxl', from: 2, to: [1] }],
    });
    expect(await expectAsSharp(heifFile(alpha(alphaKind)))).toMatchObject({ hasAlpha: true, channels: 4 });
    const depthKind = box('auxC', Buffer.from('\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0', 'latin1'));
    expect(await expectAsSharp(heifFile(alpha(depthKind)))).toMatchObject({ hasAlpha: false, channels: 3 });
  });

  it.each([
    ['prof', true],
    ['rICC', true],
    ['nclx', false],
  ])('knows a colour box %s', async (kind, hasProfile) => {
    const body = kind === 'nclx' ? Buffer.from([0, 1, 0, 13, 0, 6, 0x80]) : Buffer.alloc(300);
    expect(await expectAsSharp(heifFile({ items: one(colr(kind, body)) }))).toMatchObject({ hasProfile });
  });

  it.each(['mif1', 'msf1', 'avif'])('opens the major brand %s', async (brand) => {
    const traits = await expectAsSharp(heifFile({ brand, items: one() }));
    expect(traits.frames.known).toBe(brand === 'msf1' ? 'atLeast' : 'exact');
  });

  it('knows the frames of a sequence with a still picture as at least one', async () => {
    expect(await expectAsSharp(heifFile({ brands: ['avif', 'avis'], items: one() }))).toMatchObject({
      frames: { count: 1, known: 'atLeast' },
    });
  });

  it('passes over boxes before the picture, whatever their size', async () => {
    const source = bufferSource(heifFile({ items: one(), before: [box('free', Buffer.alloc(3_000_000))] }));
    expect(await probe(source)).toMatchObject({ width: 64, height: 64 });
    expect(source.reads).toHaveLength(2);
    expect(source.bytesRead()).toBeLessThanOrEqual(48 * 1024);
  });

  it('passes over a profile of 600 KB inside the properties', async () => {
    const bytes = heifFile({ items: one(colr('prof', Buffer.alloc(600_000)), irot(1)) });
    const source = bufferSource(bytes);
    expect(await probe(source)).toMatchObject({ width: 64, hasProfile: true });
    expect(source.bytesRead()).toBeLessThanOrEqual(64 * 1024);
    await expectAsSharp(bytes);
  });

  it('reads lengths of eight bytes and of "to the end"', async () => {
    const plain = heifFile({ items: one() });
    const wide = Buffer.concat([u32(1), Buffer.from('free'), u32(0), u32(24), Buffer.alloc(8)]);
    expect(await expectAsSharp(heifFile({ items: one(), before: [wide] }))).toMatchObject({ width: 64 });
    const data = plain.indexOf('mdat') - 4;
    const open = Buffer.concat([plain.subarray(0, data), u32(0), plain.subarray(data + 4)]);
    expect(await expectAsSharp(open)).toMatchObject({ width: 64 });
    const meta = plain.indexOf('meta') - 4;
    const openMeta = Buffer.concat([plain.subarray(0, meta), u32(0), plain.subarray(meta + 4, data)]);
    expect(await probe(bufferSource(openMeta))).toMatchObject({ width: 64 });
  });

  it.each([
    ['hvc1', 'HEIC (HEVC), which cannot be decoded'],
    ['jpeg', 'a HEIF picture coded as "jpeg"'],
  ])('refuses data of type %s, alone or in tiles', async (type, message) => {
    const expected = { code: 'UnsupportedFormat', message: expect.stringContaining(message) };
    const items = one().map((item) => ({ ...item, type }));
    await expect(probe(bufferSource(heifFile({ brand: 'mif1', items })))).rejects.toMatchObject(expected);
    await expect(probe(bufferSource(heifFile(tiles(type))))).rejects.toMatchObject(expected);
  });

  const item = { id: 1, type: 'av01', data: tile.data };
  it.each([
    ['no size', heifFile({ items: [{ ...item, properties: [tile.av1C] }] }), 'a box ispe'],
    ['no configuration', heifFile({ items: [{ ...item, properties: [ispe(64, 64)] }] }), 'a box av1C'],
    ['a width of 0', heifFile({ items: [{ ...item, properties: [ispe(0, 64), tile.av1C] }] }), '0 x 64'],
    ['an absurd width', heifFile({ items: [{ ...item, properties: [ispe(65_537, 64), tile.av1C] }] }), '65537 x 64'],
    ['a crop to nothing', heifFile({ items: one(clap(0, 9)) }), '0 x 9'],
    ['no meta box', heifFile({ items: one() }).subarray(0, 28), 'a box meta'],
    ['a box past the end', heifFile({ items: one() }).subarray(0, -1), 'a box "mdat"'],
    [
      'a size cut off',
      heifFile({ items: [{ ...item, properties: [box('ispe', u32(0), u32(64)), tile.av1C] }] }),
      '4 more bytes of a box ispe',
    ],
  ])('says what is wrong with %s', async (name, bytes, message) => {
    const outcome = probe(bufferSource(bytes));
    if (name === 'a box past the end') {
      // What lies behind the meta box is the decoder's business: the header is whole.
      expect(await outcome).toMatchObject({ width: 64 });
      return;
    }
    await expect(outcome).rejects.toMatchObject({
      name: 'InvalidInputError',
      code: 'UnreadableHeader',
      message: expect.stringContaining(message),
    });
  });
});

describe('AVIF of a stranger', () => {
  it('is refused where one item has associations without end, which took minutes to gather', async () => {
    const entries = Buffer.concat(Array.from({ length: 60_000 }, () => Buffer.from([0, 1, 1, 1])));
    const bytes = await picture().avif({ effort: 0 }).toBuffer();
    const at = bytes.indexOf('ipma') - 4;
    const size = bytes.readUInt32BE(at);
    const head = Buffer.alloc(16);
    head.writeUInt32BE(16 + entries.length, 0);
    head.write('ipma', 4, 'latin1');
    head.writeUInt32BE(60_000, 12);
    const grown = Buffer.concat([bytes.subarray(0, at), head, entries, bytes.subarray(at + size)]);
    const growth = 16 + entries.length - size;
    for (const type of ['meta', 'iprp']) {
      const box = grown.indexOf(type) - 4;
      grown.writeUInt32BE(grown.readUInt32BE(box) + growth, box);
    }
    await expect(probe(bufferSource(grown))).rejects.toMatchObject({
      code: 'UnreadableHeader',
      message: expect.stringContaining('at most 256 properties of an item'),
    });
  });
});
