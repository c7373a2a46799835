import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../local/open-data-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadam-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('openDataFolder', () => {
  it('makes a folder, and takes it again', async () => {
    const made = join(folder, 'a/b');
    await openDataFolder(made);
    await mkdir(join(made, 's3'));
    await expect(openDataFolder(made)).resolves.toBeUndefined();
  });

  it('refuses what another version made, and what is no data folder', async () => {
    await writeFile(join(folder, 'format'), '1');
    await expect(openDataFolder(folder)).rejects.toMatchObject({
      code: 'DataFolderOutdated',
      message: expect.stringMatching(/received one of format 1, .* --data\.$/),
    });
    await rm(join(folder, 'format'));
    await mkdir(join(folder, 's3'));
    await expect(openDataFolder(folder)).rejects.toMatchObject({ code: 'DataFolderOutdated' });
  });
});
