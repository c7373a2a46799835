import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { ConfigurationError } from '../core/errors.ts';

/** Records that survive a restart, one JSON file each. */
export type RecordFolder<T> = {
  /** Every record that was put. Throws ConfigurationError naming the file that cannot be read. */
  load(): T[];
  /** Stores a record under an id that is a valid file name; a killed process leaves the old or the new one, whole. */
  put(id: string, record: T): void;
};

/** Opens (and creates) a folder of records; without a folder nothing is kept. */
export const openRecordFolder = <T>(folder: string | undefined, schema: z.ZodType<T>): RecordFolder<T> => {
  if (folder === undefined) return { load: () => [], put: () => undefined };
  mkdirSync(folder, { recursive: true });
  return {
    load: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => readRecord(join(folder, name), schema)),
    put(id, record) {
      const file = join(folder, `${id}.json`);
      writeFileSync(`${file}.new`, JSON.stringify(record));
      renameSync(`${file}.new`, file);
    },
  };
};

const readRecord = <T>(file: string, schema: z.ZodType<T>): T => {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new ConfigurationError(
      `Expected a record of the embedded cloud in ${file} but could not read one; delete the file or the data folder.`,
      { code: 'DataFolderUnreadable', cause },
    );
  }
};
