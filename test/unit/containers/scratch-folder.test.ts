import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openScratchFolder } from '../../../containers/filter/scratch-folder.ts';

const minute = 60_000;

const disk = async () => {
  const path = await mkdtemp(join(tmpdir(), 'kadam-disk-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

/** What a worker that was killed so many minutes ago has left. */
const leave = async (parent: string, name: string, minutes: number) => {
  await mkdir(join(parent, name));
  await writeFile(join(parent, name, 'picture.tif'), 'half of it');
  const time = new Date(Date.now() - minutes * minute);
  await utimes(join(parent, name), time, time);
};

describe('the scratch folder', () => {
  it('is its own, and gone after it', async () => {
    const parent = await disk();
    const scratch = await openScratchFolder(parent, Date.now());
    await writeFile(join(scratch.path, 'a'), '');
    expect(await readdir(parent)).toEqual([basename(scratch.path)]);
    await scratch[Symbol.asyncDispose]();
    expect(await readdir(parent)).toEqual([]);
  });

  it('begins by removing what killed workers have left, and nothing of those that live or of others', async () => {
    const parent = await disk();
    await leave(parent, 'kadam-scratch-dead', 11);
    await leave(parent, 'kadam-scratch-live', 9);
    await leave(parent, 'lost+found', 1000);
    await using scratch = await openScratchFolder(parent, Date.now());
    expect((await readdir(parent)).sort()).toEqual([basename(scratch.path), 'kadam-scratch-live', 'lost+found'].sort());
  });
});
