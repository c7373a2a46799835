import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { findFilter } from '../../../core/filters/registry.ts';
import { megapixel, registered } from './encoded.ts';

const transparent = (channels: 2 | 4) => {
  const data = new Uint8Array(16 * 16 * channels);
  return sharp(data, { raw: { width: 16, height: 16, channels } }).toColourspace(channels === 2 ? 'b-w' : 'srgb');
};

const colourOf = async (picture: Buffer, left = 0): Promise<number[]> => [
  ...(await sharp(picture).extract({ left, top: 0, width: 1, height: 1 }).raw().toBuffer()),
];

describe('transparency in a JPEG', () => {
  const state = { ...megapixel, width: 16, height: 16, channels: 4, hasAlpha: true };

  it.each([4, 2] as const)('is laid on white where nothing else is said (%i channels)', async (channels) => {
    const jpeg = registered('jpeg');
    const source = await transparent(channels).png().toBuffer();
    const picture = await jpeg.encode(sharp(source), jpeg.options.parse({}), { ...state, channels }).toBuffer();
    expect(await colourOf(picture)).toEqual([255, 255, 255]);
    expect((await sharp(picture).metadata()).channels).toBe(3);
  });

  it('is laid on the background that the recipe names', async () => {
    const jpeg = registered('jpeg');
    const options = jpeg.options.parse({ background: '#204080', quality: 100, chromaSubsampling: '4:4:4' });
    const picture = await jpeg.encode(transparent(4), options, state).toBuffer();
    const colour = await colourOf(picture);
    for (const [channel, value] of [0x20, 0x40, 0x80].entries()) {
      expect(Math.abs((colour[channel] ?? 0) - value)).toBeLessThanOrEqual(2);
    }
  });

  it('is laid on white as well where a resize adds it around an opaque picture', async () => {
    const jpeg = registered('jpeg');
    const resize = findFilter('resize');
    const before = { ...megapixel, width: 16, height: 16 };
    const options = resize?.options.parse({ width: 64, height: 16, fit: 'contain', background: 'transparent' });
    const black = sharp({ create: { width: 16, height: 16, channels: 3, background: 'black' } });
    const pipeline = resize?.apply(black, options, before) ?? black;
    const after = resize?.resultOf(before, options) ?? before;
    const picture = await jpeg.encode(pipeline, jpeg.options.parse({}), after).toBuffer();
    expect(await colourOf(picture, 0)).toEqual([255, 255, 255]);
    expect(await colourOf(picture, 32)).toEqual([0, 0, 0]);
  });
});
