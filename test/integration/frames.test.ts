import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/jobs/manifest.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';

/** Frames that the header cannot tell, through the whole way: counted by the worker, and kept where the format can. */
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({ lambdaSeconds: 8 });
}, 60_000);
afterAll(() => cloud.close(), 60_000);

/** An animation whose frames are all different, longer than what the dispatcher reads of it. */
const animation = (frames: number): Promise<Buffer> => {
  const [width, height] = [300, 200];
  const data = Buffer.alloc(width * height * frames * 3);
  for (let index = 0; index < data.length; index += 1) data[index] = (index * 7919 + (index >> 7) * 31) % 256;
  const raw = { width, height: height * frames, channels: 3, pageHeight: height } as const;
  return sharp(data, { raw })
    .gif({ effort: 1, delay: Array(frames).fill(70), loop: 3 })
    .toBuffer();
};

const pagesOf = async (manifest: Manifest, name: RegExp) => {
  const output = manifest.outputs.find(({ key }) => name.test(key));
  const { body } = await cloud.read(output?.key ?? '', output?.versionId);
  const { pages = 1, delay, loop } = await sharp(body, { animated: true }).metadata();
  return { told: output?.pages, pages, delay: delay?.[0], loop };
};

describe('an animation', () => {
  it('stays one on Lambda where the format can hold it, and is its first frame elsewhere', {
    timeout: 60_000,
  }, async () => {
    const version = await cloud.upload('short.gif', await animation(6), 'web');
    const manifest = await cloud.manifest('short.gif', version, 'web');
    expect(manifest).toMatchObject({
      status: 'done',
      decision: { target: 'lambda' },
      input: { traits: { frames: { count: 6, known: 'exact' } } },
    });
    expect(manifest.decision.reasons.at(-1)).toBe('the whole file has 6 frames');
    expect(await pagesOf(manifest, /480w\.webp$/)).toEqual({ told: 6, pages: 6, delay: 70, loop: 3 });
    expect(await pagesOf(manifest, /480w\.jpg$/)).toMatchObject({ told: 1, pages: 1 });
  });

  it('goes to Batch before anything is rendered where its frames are too many', { timeout: 120_000 }, async () => {
    const version = await cloud.upload('long.gif', await animation(60), 'web');
    const manifest = await cloud.manifest('long.gif', version, 'web');
    expect(manifest).toMatchObject({ status: 'done', decision: { target: 'batch' }, job: { attempt: 2 } });
    const { reasons } = manifest.decision;
    expect(reasons.find((reason) => reason.startsWith('fits Lambda'))).toBeDefined();
    expect(reasons).toContain('the whole file has 60 frames');
    expect(reasons.at(-1)).toMatch(
      /^the whole file has 60 frames; seconds: .* does not fit Lambda.* Handed over to Batch\.$/,
    );
    expect(await pagesOf(manifest, /480w\.webp$/)).toMatchObject({ pages: 60 });
  });
});
