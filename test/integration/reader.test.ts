import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { photoLike } from '../../cli/photo-like.ts';
import type { Manifest } from '../../core/jobs/manifest.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

let cloud: TestCloud;
afterEach(() => cloud.close(), 60_000);

type Seen = { objects: number; manifests: number; faults: string[] };

/** Looks at one key as a reader would: an image has to decode whole, a manifest's outputs have to be what it says. */
const look = async (key: string, seen: Seen): Promise<void> => {
  const { body } = await cloud.read(key);
  seen.objects++;
  if (!key.endsWith('manifest.json')) {
    await sharp(body, { failOn: 'warning' }).raw().toBuffer();
    return;
  }
  seen.manifests++;
  const { outputs } = JSON.parse(body.toString()) as Manifest;
  for (const output of outputs) {
    try {
      const named = await cloud.read(output.key, output.versionId);
      const checksum = createHash('sha256').update(named.body).digest('base64');
      if (checksum !== output.checksum) seen.faults.push(`${output.key} is not what its manifest says`);
    } catch (error) {
      seen.faults.push(`${output.key}, which a manifest names: ${error}`);
    }
  }
};

/** Lists and reads the output bucket until told to stop. A key may vanish between the listing and the reading. */
const readAllTheWhile = async (stop: AbortSignal): Promise<Seen> => {
  const seen: Seen = { objects: 0, manifests: 0, faults: [] };
  while (!stop.aborted) {
    for (const key of await cloud.list()) {
      try {
        await look(key, seen);
      } catch (error) {
        if (!(error instanceof Error && error.name === 'NoSuchKey')) seen.faults.push(`${key}: ${error}`);
      }
    }
    await sleep(20);
  }
  return seen;
};

describe('a reader of the output bucket', () => {
  it.each([
    ['Lambda', 60],
    ['Batch', 1],
  ])(
    'never sees anything half-done, while pictures come and come again (%s)',
    { timeout: 180_000 },
    async (_, seconds) => {
      cloud = await startTestCloud({ lambdaSeconds: seconds });
      const stop = new AbortController();
      const reader = readAllTheWhile(stop.signal);
      const sizes = [300, 500, 700];
      for (const round of [1, 2]) {
        const uploads = sizes.map(async (width, index) => {
          const picture = await photoLike({ width, height: Math.round(width * 0.7), seed: round })
            .jpeg()
            .toBuffer();
          const key = `picture-${index}.jpg`;
          return cloud.manifest(key, await cloud.upload(key, picture, 'web'), 'web');
        });
        for (const manifest of await Promise.all(uploads)) expect(manifest.status).toBe('done');
      }
      stop.abort();
      const { objects, manifests, faults } = await reader;
      expect(faults).toEqual([]);
      expect(manifests).toBeGreaterThan(3);
      expect(objects).toBeGreaterThan(20);
    },
  );
});
