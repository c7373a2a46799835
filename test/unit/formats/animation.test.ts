import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { megapixel, registered } from './encoded.ts';

const [side, pages] = [8, 3];

/** Three frames of different colours, one below the other. */
const roll = () => {
  const data = Uint8Array.from(
    { length: side * side * pages * 3 },
    (_, index) => Math.floor(index / (side * side * 3)) * 90,
  );
  return sharp(data, { raw: { width: side, height: side * pages, channels: 3, pageHeight: side }, pages: -1 });
};

const picture = { ...megapixel, width: side, height: side, pages, animation: { delays: [40, 50, 60], loop: 2 } };

describe.each(['gif', 'webp'])('an animated %s', (name) => {
  const format = registered(name);
  const timing = async (options: Record<string, unknown>) => {
    const file = await format.encode(roll(), format.options.parse(options), picture).toBuffer();
    const { delay, loop } = await sharp(file).metadata();
    return { delay, loop };
  };

  it('runs as the upload does', async () => {
    expect(await timing({})).toEqual({ delay: [40, 50, 60], loop: 2 });
  });

  it('runs as the recipe says', async () => {
    expect(await timing({ delay: 30, loop: 0 })).toEqual({ delay: [30, 30, 30], loop: 0 });
    expect(await timing({ loop: 7 })).toEqual({ delay: [40, 50, 60], loop: 7 });
  });
});
