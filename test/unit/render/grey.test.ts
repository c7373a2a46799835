import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../../core/recipe/recipe.ts';
import { encoding, jobOf, noisyPicture, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

/** The first pixel of a grey picture (wholly transparent, where it has alpha) after these steps, in every format. */
const firstPixel = async (channels: 1 | 2, steps: Step[], formats = [encoding('png')]): Promise<number[][]> => {
  const folder = await temporaryFolder();
  const path = join(folder, 'upload.png');
  const grey = noisyPicture(40, 30, 1);
  const picture = channels === 1 ? grey : grey.ensureAlpha(0);
  await picture.toColourspace('b-w').png().toFile(path);
  const traits = traitsOf({ width: 40, height: 30, channels, hasAlpha: channels === 2 });
  const { outputs } = await renderHere(await jobOf(folder, path, traits, { steps, formats }));
  return Promise.all(outputs.map(async (output) => [...(await sharp(output.path).raw().toBuffer()).subarray(0, 3)]));
};

describe('a grey picture', () => {
  it('is laid on a background in its colour', async () => {
    const [pixel] = await firstPixel(2, [step('flatten', { background: '#00ff00' })]);
    expect(pixel).toEqual([0, 255, 0]);
  });

  it('keeps that colour through an intermediate', async () => {
    const formats = [encoding('png'), encoding('webp', { lossless: true })];
    const pixels = await firstPixel(2, [step('flatten', { background: '#00ff00' })], formats);
    expect(pixels).toEqual([
      [0, 255, 0],
      [0, 255, 0],
    ]);
  });

  it('is padded in a colour that may be half transparent', async () => {
    const background = '#ff000080';
    const [pixel] = await firstPixel(1, [step('resize', { width: 40, height: 60, fit: 'contain', background })]);
    expect(pixel).toEqual([255, 0, 0]);
  });

  it('is laid on white', async () => {
    const [pixel] = await firstPixel(2, [step('flatten')]);
    expect(new Set(pixel)).toEqual(new Set([255]));
  });
});
