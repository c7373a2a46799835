import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeStampContainer } from '../support/stamp-container.ts';
import { startTestCloud, type TestCloud } from '../support/test-cloud.ts';
import { softPicture } from '../unit/render/fixtures.ts';

let folder: string;
let cloud: TestCloud;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-container-'));
  await cp('containers', join(folder, 'containers'), { recursive: true });
  await writeStampContainer(folder);
  cloud = await startTestCloud({ lambdaSeconds: 60, container: { folder, name: 'stamp' } });
});
afterEach(async () => {
  await cloud.close();
  await rm(folder, { recursive: true, force: true });
});

/** Uploads a picture with a recipe of its own, and answers its manifest. */
const filtered = async (key: string, recipe: string) => {
  const picture = await softPicture(90, 60).png().toBuffer();
  await cloud.upload(`${key}.kadam.yml`, recipe);
  const versionId = await cloud.upload(key, picture, 'sidecar');
  return { picture, manifest: await cloud.manifest(key, versionId, 'sidecar') };
};

describe('a container that is nothing but a folder', () => {
  it('takes the jobs whose recipes name its step, on Batch', async () => {
    const { picture, manifest } = await filtered(
      'a.png',
      'steps: [stamp]\noutputs: [{ name: full, formats: [png] }, { name: small, steps: [{ resize: { width: 30 } }], formats: [webp] }]',
    );
    expect(manifest).toMatchObject({ status: 'done', decision: { target: 'batch', container: 'stamp' } });
    expect(manifest.decision.reasons).toContain('step stamp runs in the container stamp, on Batch only');
    expect(manifest.outputs.map(({ key, width }) => [key, width])).toEqual([
      ['a.png/sidecar/full.png', 90],
      ['a.png/sidecar/small.webp', 30],
    ]);
    const written = await sharp((await cloud.read('a.png/sidecar/full.png')).body)
      .raw()
      .toBuffer();
    const given = await sharp(picture).raw().toBuffer();
    expect(written).toEqual(given.map((value) => 255 - value));
    expect(manifest.measured?.stages.map(({ id }) => id)).toContain('prepare-1');
  }, 60_000);

  it('rejects a picture that its program refuses, and fails where the program does', async () => {
    const recipe = (mode: string) => `outputs: [{ name: a, steps: [{ stamp: { mode: ${mode} } }], formats: [png] }]`;
    const [refused, failed] = await Promise.all([
      filtered('b.png', recipe('refuse')),
      filtered('c.png', recipe('fail')),
    ]);
    expect(refused.manifest).toMatchObject({ status: 'rejected', error: { code: 'RefusedByProgram' }, outputs: [] });
    expect(refused.manifest.error?.message).toContain('Expected a prettier picture.');
    expect(failed.manifest).toMatchObject({ status: 'failed', error: { code: 'ProgramFailed' }, outputs: [] });
    expect(failed.manifest.error?.message).toContain('no such thing');
  }, 60_000);
});
