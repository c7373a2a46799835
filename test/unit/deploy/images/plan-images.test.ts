import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planImages } from '../../../../deploy/images/plan-images.ts';

let root = '';
const put = async (path: string, text: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kadam-images-'));
  await put('containers/filter/Dockerfile', 'FROM node\nCOPY core core\nCOPY containers/filter containers/filter\n');
  await put('containers/filter/main.ts', 'main');
  await put('containers/art/Dockerfile', 'ARG FILTER_IMAGE\nFROM $FILTER_IMAGE\nCOPY containers/art /art\n');
  await put('containers/plain/Dockerfile', 'FROM debian\nCOPY containers/plain /plain\n');
  await put('core/a.ts', 'a');
  await put('core/b.ts', 'b');
});
afterEach(() => rm(root, { recursive: true }));

const plan = async (architecture: 'arm64' | 'x86_64' = 'arm64', base?: string) => {
  const images = await planImages(root, ['art', 'filter', 'plain'], architecture, base);
  return { images, tags: Object.fromEntries(images.map(({ container, tag }) => [container, tag])) };
};

describe('planned images', () => {
  it("begin with the filter container's, and know who builds on it", async () => {
    const { images } = await plan();
    expect(images.map(({ container, needsFilterImage }) => [container, needsFilterImage])).toEqual([
      ['filter', false],
      ['art', true],
      ['plain', false],
    ]);
    expect(images[0]).toMatchObject({
      platform: 'linux/arm64',
      buildArguments: {},
      tag: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('have the same tag as long as nothing changes, whatever the times', async () => {
    const before = await plan();
    await utimes(join(root, 'core/a.ts'), 1, 1);
    await put('core/a.ts', 'a');
    await put('README.md', 'not copied');
    await put('core/node_modules/x', 'not copied either');
    expect((await plan()).tags).toEqual(before.tags);
  });

  it.each([
    ['a file', () => put('core/a.ts', 'A'), ['filter', 'art']],
    ['a new file', () => put('core/c.ts', ''), ['filter', 'art']],
    ['a name', () => rm(join(root, 'core/b.ts')).then(() => put('core/b2.ts', 'b')), ['filter', 'art']],
    [
      'bytes that move from one file to the next',
      () => put('core/a.ts', 'afile 9:core/b.ts b').then(() => rm(join(root, 'core/b.ts'))),
      ['filter', 'art'],
    ],
    ['the right to run', () => chmod(join(root, 'core/a.ts'), 0o755), ['filter', 'art']],
    ['a link', () => symlink('a.ts', join(root, 'core/link')), ['filter', 'art']],
    [
      'a Dockerfile',
      () => put('containers/plain/Dockerfile', 'FROM debian:13\nCOPY containers/plain /plain\n'),
      ['plain'],
    ],
    ["one container's own file", () => put('containers/art/x.py', ''), ['art']],
  ])('change with %s', async (_what, change, changed) => {
    const before = await plan();
    await change();
    const after = await plan();
    expect(
      Object.keys(after.tags)
        .filter((name) => after.tags[name] !== before.tags[name])
        .sort(),
    ).toEqual([...changed].sort());
  });

  it('change with the processor and with the base image, which is passed on', async () => {
    const { tags } = await plan();
    const intel = await plan('x86_64');
    const other = await plan('arm64', 'registry.local/node:24');
    for (const name of ['filter', 'art', 'plain']) {
      expect(intel.tags[name]).not.toBe(tags[name]);
      expect(other.tags[name]).not.toBe(tags[name]);
    }
    expect(other.images[0]?.buildArguments).toEqual({ BASE_IMAGE: 'registry.local/node:24' });
  });

  it('refuse a Dockerfile that copies what is not there', async () => {
    await put('containers/plain/Dockerfile', 'FROM debian\nCOPY nothing /plain\n');
    await expect(plan()).rejects.toMatchObject({ code: 'NoSuchInput' });
  });
});
