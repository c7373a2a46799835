import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { expect } from 'vitest';
import { comparePixels, type Difference, decodePixels } from '../support/compare-pixels.ts';

const folder = new URL('./expected/', import.meta.url);

/** Whether goldens are to be made anew instead of compared with. Look at them before they are committed. */
const isUpdating = process.env.UPDATE_GOLDENS === '1';

/** What encoders and filters may differ in between machines of one sharp version: rounding, no more. */
export const exact: Difference = { mean: 0.05, max: 2 };

/** The same for lossy encoders, whose rounding is in frequencies. */
export const lossy: Difference = { mean: 0.5, max: 16 };

/** Compares an encoded picture with `expected/<name>.png`, decoded. */
export const expectGolden = async (name: string, picture: Buffer, tolerance: Difference): Promise<void> => {
  const path = new URL(`${name}.png`, folder);
  if (isUpdating) {
    await mkdir(folder, { recursive: true });
    await writeFile(path, await sharp(picture).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer());
    return;
  }
  if (!existsSync(path)) {
    throw new Error(
      `Expected the golden test/golden/expected/${name}.png; make it with UPDATE_GOLDENS=1 and look at it.`,
    );
  }
  const { mean, max } = comparePixels(await decodePixels(picture), await decodePixels(await readFile(path)));
  expect(mean, `mean difference of ${name}`).toBeLessThanOrEqual(tolerance.mean);
  expect(max, `largest difference of ${name}`).toBeLessThanOrEqual(tolerance.max);
};
