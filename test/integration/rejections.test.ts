import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

let cloud: TestCloud;
let bytesFromInput: number[] = [];

beforeAll(async () => {
  cloud = await startTestCloud({
    lambdaSeconds: 60,
    onRequest: (request, response) => {
      if (request.method !== 'GET' || !request.url?.startsWith('/kadam-input/')) return;
      response.once('finish', () => bytesFromInput.push(Number(response.getHeader('content-length'))));
    },
  });
}, 60_000);
afterAll(() => cloud.close(), 60_000);

const photo = () => photoLike({ width: 900, height: 600 }).jpeg({ quality: 90 }).toBuffer();

/** A progressive JPEG whose last scan comes 120 times: small, and slow to decode. */
const manyScans = async (): Promise<Buffer> => {
  const jpeg = await photoLike({ width: 300, height: 200 }).jpeg({ progressive: true }).toBuffer();
  const lastScan = jpeg.subarray(jpeg.lastIndexOf(Buffer.from([0xff, 0xda])), jpeg.length - 2);
  return Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: 120 }, () => lastScan), jpeg.subarray(-2)]);
};

describe('an upload at fault', () => {
  const cases: [string, () => Promise<Uint8Array | string>, string | undefined, string, RegExp][] = [
    ['not an image', async () => 'Dear diary, today I went for a walk.', undefined, 'UnsupportedFormat', /JPEG|jpeg/],
    ['an empty file', async () => '', undefined, 'EmptyFile', /empty|0 bytes/i],
    ['a truncated JPEG', async () => (await photo()).subarray(0, 20_000), undefined, 'CorruptImage', /upload/i],
    ['a JPEG of very many scans', manyScans, undefined, 'TooManyScans', /scans/],
    ['an unknown recipe', photo, 'wbe', 'UnknownRecipe', /web/],
    ['a recipe name that is none', photo, '../../etc', 'UnknownRecipe', /web/],
  ];

  it.each(cases)('is rejected with a reason: %s', { timeout: 60_000 }, async (name, body, recipe, code, text) => {
    const key = `${name}.jpg`;
    const folder = recipe === undefined ? 'web' : recipe.startsWith('.') ? 'unknown-recipe' : recipe;
    const manifest = await cloud.manifest(key, await cloud.upload(key, await body(), recipe), folder);
    expect(manifest).toMatchObject({ status: 'rejected', outputs: [], error: { code } });
    expect(manifest.error?.message).toMatch(text);
    expect(await cloud.list(`${key}/`)).toEqual([`${key}/${folder}/manifest.json`]);
  });

  it('takes the results of the version before it away', { timeout: 60_000 }, async () => {
    const key = 'was good.jpg';
    const good = await cloud.manifest(key, await cloud.upload(key, await photo(), 'thumbnail'), 'thumbnail');
    expect(good).toMatchObject({ status: 'done' });
    const bad = await cloud.manifest(key, await cloud.upload(key, 'oops', 'thumbnail'), 'thumbnail');
    expect(bad).toMatchObject({ status: 'rejected' });
    await expect.poll(() => cloud.list(`${key}/`), { timeout: 10_000 }).toEqual([`${key}/thumbnail/manifest.json`]);
  });

  it('does not hold up the pictures after it', { timeout: 60_000 }, async () => {
    const version = await cloud.upload('fine.jpg', await photo(), 'thumbnail');
    expect(await cloud.manifest('fine.jpg', version, 'thumbnail')).toMatchObject({ status: 'done' });
  });
});

describe('the dispatcher', () => {
  it('reads at most 64 KiB of an ordinary picture', { timeout: 60_000 }, async () => {
    const picture = await photoLike({ width: 3000, height: 2000 }).jpeg({ quality: 95 }).toBuffer();
    expect(picture.length).toBeGreaterThan(500_000);
    bytesFromInput = [];
    const version = await cloud.upload('large.jpg', picture, 'thumbnail');
    await cloud.manifest('large.jpg', version, 'thumbnail');
    const whole = bytesFromInput.filter((bytes) => bytes === picture.length);
    const header = bytesFromInput.filter((bytes) => bytes !== picture.length);
    expect(whole).toHaveLength(1);
    expect(header.length).toBeGreaterThan(0);
    expect(header.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(65_536);
  });
});
