import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSource } from '../../../core/image/file-source.ts';
import { probe } from '../../../core/image/probe.ts';
import { picture } from './picture.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-file-source-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('fileSource', () => {
  it('reads any part of a file, and less only at its end', async () => {
    const path = join(folder, 'ten');
    await writeFile(path, Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const source = await fileSource(path);
    expect(source.size).toBe(10);
    expect([...(await source.read(3, 4))]).toEqual([3, 4, 5, 6]);
    expect([...(await source.read(8, 4))]).toEqual([8, 9]);
    expect([...(await source.read(10, 4))]).toEqual([]);
    await source.close();
  });

  it('reads nothing after it was closed', async () => {
    const path = join(folder, 'closed');
    await writeFile(path, 'x');
    const source = await fileSource(path);
    await source.close();
    await expect(source.read(0, 1)).rejects.toThrow();
  });

  it('says so where there is no file', async () => {
    await expect(fileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is a source for the probe, which does not care for the name', async () => {
    const path = join(folder, 'a JPEG, it says.jpg');
    await writeFile(path, await picture().png().toBuffer());
    const source = await fileSource(path);
    expect(await probe(source)).toMatchObject({ format: 'png', width: 61 });
    await source.close();
  });
});
