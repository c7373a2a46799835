import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { inputFormats } from '../../../core/image/traits.ts';
import { comparePixels, decodePixels } from '../../support/compare-pixels.ts';
import { encoding, jobOf, noisyPicture, renderHere, step, temporaryFolder, traitsOf } from './fixtures.ts';

/** A photograph on its side, with a place, a camera and a profile. */
const photograph = async (folder: string, orientation: number): Promise<string> => {
  const path = join(folder, 'upload');
  const exif = { IFD0: { Make: 'Camera' }, IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' } };
  await noisyPicture(40, 30).withMetadata({ orientation, icc: 'p3', exif }).jpeg({ quality: 95 }).toFile(path);
  return path;
};

const traits = traitsOf({ format: 'jpeg', orientation: 6, hasProfile: true });
const formats = inputFormats.map((format) => encoding(format, format === 'avif' ? { effort: 0 } : {}));

describe('what is written beside the pixels', () => {
  it('is nothing: no place, no camera, no profile', async () => {
    const folder = await temporaryFolder();
    const path = await photograph(folder, 6);
    expect((await sharp(path).metadata()).exif?.includes('Camera')).toBe(true);
    const job = await jobOf(folder, path, traits, { steps: [step('autoOrient')], formats });
    for (const output of (await renderHere(job)).outputs) {
      const { exif, icc, xmp, iptc, orientation, width, height } = await sharp(output.path).metadata();
      expect({ exif, icc, xmp, iptc }).toEqual({});
      // A TIFF always says it.
      expect(orientation ?? 1).toBe(1);
      expect([width, height]).toEqual([30, 40]);
    }
  });

  it('is the orientation alone where the recipe leaves the picture lying, so that it is still shown upright', async () => {
    const folder = await temporaryFolder();
    const path = await photograph(folder, 6);
    const upright = await jobOf(folder, path, traits, { steps: [step('autoOrient')] });
    // Nothing in a GIF can say how it lies.
    const lying = await jobOf(folder, path, traits, { formats: formats.filter(({ format }) => format !== 'gif') });
    const shown = await decodePixels((await renderHere(upright)).outputs[0]?.path ?? '');
    for (const output of (await renderHere(lying)).outputs) {
      expect([output.width, output.height]).toEqual([40, 30]);
      const { exif } = await sharp(output.path).metadata();
      expect(exif?.includes('Camera') ?? false).toBe(false);
      expect(exif?.length ?? 0).toBeLessThan(200);
      const turned = await sharp(output.path).autoOrient().ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      const pixels = { width: turned.info.width, height: turned.info.height, data: turned.data };
      expect(comparePixels(pixels, shown).mean, output.format).toBeLessThan(8);
    }
  });
});

describe('colours', () => {
  // (200, 40, 30) in Display P3 is (218, 0, 7) in sRGB: a saturated red that P3 needs less of.
  it.each([8, 16])('are sRGB, from %i bits with a profile', async (bitDepth) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'upload');
    const red = [200, 40, 30].map((value) => (bitDepth === 16 ? value * 257 : value));
    const values = Array.from({ length: 40 * 30 * 3 }, (_, index) => red[index % 3] ?? 0);
    const data = bitDepth === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
    const raw = sharp(data, { raw: { width: 40, height: 30, channels: 3 } });
    // What sharp works on from 16 bits is P3 already; from 8 bits it is converted, so those numbers are given in sRGB.
    await (bitDepth === 16 ? raw.toColourspace('rgb16').withIccProfile('p3') : raw.withIccProfile('p3'))
      .png()
      .toFile(path);
    const expected = bitDepth === 16 ? [218, 0, 7] : [200, 40, 30];
    for (const steps of [[], [step('blur', { sigma: 1 }), step('median')]]) {
      const job = await jobOf(folder, path, traitsOf({ bitDepth, hasProfile: true }), { steps });
      const { outputs } = await renderHere(job);
      const colour = [...(await sharp(outputs[0]?.path).raw().toBuffer()).subarray(0, 3)];
      for (const [channel, value] of colour.entries()) {
        expect(Math.abs(value - (expected[channel] ?? 0)), `${colour}`).toBeLessThanOrEqual(2);
      }
    }
  });
});
