import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { inflateRawSync } from 'node:zlib';

export type ZipEntry = { name: string; bytes: Buffer };

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const methods: Record<number, (data: Buffer) => Buffer> = { 0: (data) => data, 8: (data) => inflateRawSync(data) };

/**
 * The files of a zip archive, without folders. Only what `sls package` writes: no encryption, no ZIP64. Throws where the
 * archive is something else. Source: PKWARE's APPNOTE.TXT, 4.3.
 */
export const readZip = (archive: Buffer): ZipEntry[] => {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06'));
  if (end < 0 || archive.readUInt32LE(end) !== endOfDirectory) throw new Error('Expected a zip archive.');
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error(`Expected an entry at byte ${at} of the archive.`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const name = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    if (!name.endsWith('/')) entries.push({ name, bytes: contents(archive, at, name) });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
};

const contents = (archive: Buffer, entry: number, name: string): Buffer => {
  const method = archive.readUInt16LE(entry + 10);
  const unpack = methods[method];
  if (unpack === undefined) throw new Error(`Expected ${name} to be stored or deflated but received method ${method}.`);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  return unpack(archive.subarray(start, start + archive.readUInt32LE(entry + 20)));
};

/** Writes the files of an archive into a folder, as Lambda does into /var/task. */
export const unzip = async (file: string, folder: string): Promise<void> => {
  for (const { name, bytes } of readZip(await readFile(file))) {
    const target = join(folder, normalize(name));
    if (!target.startsWith(folder)) throw new Error(`Expected ${name} to stay in its folder.`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
};
