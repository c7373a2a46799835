import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../core/errors.ts';

/** Grows with every change of what is kept on disk: tables, indexes, records. */
const format = '3';

/**
 * Makes a data folder, or takes one that this version made.
 * Throws ConfigurationError `DataFolderOutdated` for one of another version, and for a folder of something else.
 */
export const openDataFolder = async (dataDir: string): Promise<void> => {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'format');
  const entries = (await readdir(dataDir)).filter((entry) => entry !== 'format.new');
  if (entries.length === 0) {
    // Written aside and renamed: a process that is killed leaves it whole or not at all.
    await writeFile(`${file}.new`, format);
    await rename(`${file}.new`, file);
  }
  const found = entries.includes('format') ? await readFile(file, 'utf8') : entries.length === 0 ? format : 'none';
  if (found === format) return;
  throw new ConfigurationError(
    `Expected a data folder of format ${format} in ${dataDir} but received one of format ${found}, which another ` +
      'version of Kadam made. Delete or move it, or choose another folder with --data.',
    { code: 'DataFolderOutdated' },
  );
};
