import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { elfMachine, isNative } from './support/elf.ts';
import { artifactsOf } from './support/packaged.ts';
import { readZip, type ZipEntry } from './support/read-zip.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const filterFiles = globSync('containers/*/filter.yml', { cwd: root });
const recipes = globSync('recipes/*.yml', { cwd: root });
const mebibyte = 1024 ** 2;

type Archive = { bytes: number; unpacked: number; entries: ZipEntry[]; names: string[] };

const readArchive = async (folder: string, name: string): Promise<Archive> => {
  const archive = await readFile(join(folder, `${name}.zip`));
  const entries = readZip(archive);
  const unpacked = entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { bytes: archive.length, unpacked, entries, names: entries.map((entry) => entry.name).sort() };
};

const own = (archive: Archive): string[] => archive.names.filter((name) => !name.startsWith('node_modules/'));
const packages = (archive: Archive): Set<string> =>
  new Set(archive.names.flatMap((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? []));

describe.each([
  { architecture: 'arm64', suffix: 'arm64' },
  { architecture: 'x86_64', suffix: 'x64' },
] as const)('the archives for $architecture', ({ architecture, suffix }) => {
  let dispatch: Archive;
  let process: Archive;
  let settle: Archive;
  beforeAll(async () => {
    const folder = await artifactsOf(architecture);
    [dispatch, process, settle] = await Promise.all([
      readArchive(folder, 'dispatch'),
      readArchive(folder, 'process'),
      readArchive(folder, 'settle'),
    ]);
  }, 180_000);

  it('hold what each function reads, and nothing else of ours', () => {
    expect(recipes.length).toBeGreaterThan(3);
    expect(own(dispatch)).toEqual([...filterFiles, 'functions/dispatch.mjs', ...recipes].sort());
    expect(own(process)).toEqual(['functions/child.mjs', 'functions/process.mjs']);
    expect(own(settle)).toEqual(['functions/settle.mjs']);
  });

  it('hold sharp where pictures are decoded, and no other package', () => {
    expect(packages(dispatch)).toEqual(new Set());
    expect(packages(settle)).toEqual(new Set());
    expect(packages(process)).toEqual(
      new Set(
        ['@img/colour', `@img/sharp-libvips-linux-${suffix}`, `@img/sharp-linux-${suffix}`].concat(
          ...['detect-libc', 'semver', 'sharp'],
        ),
      ),
    );
  });

  it('hold native code of that processor alone, and only where it is needed', () => {
    const native = process.entries.filter(({ bytes }) => isNative(bytes));
    expect(native.map(({ name }) => name.replace(/\d+\.\d+\.\d+/, '')).sort()).toEqual([
      `node_modules/@img/sharp-libvips-linux-${suffix}/lib/libvips-cpp.so.`,
      `node_modules/@img/sharp-linux-${suffix}/lib/sharp-linux-${suffix}-.node`,
    ]);
    expect(native.map(({ bytes }) => elfMachine(bytes))).toEqual([architecture, architecture]);
    for (const { entries } of [dispatch, settle]) expect(entries.filter(({ bytes }) => isNative(bytes))).toEqual([]);
  });

  it('are as small as they are: a function loads what it needs', () => {
    // Measured on 2026-11-22: 0.5, 10.0 and 0.4 MB packed; 1.8, 22 and 1.5 MB unpacked.
    expect(dispatch.bytes).toBeLessThan(mebibyte);
    expect(settle.bytes).toBeLessThan(mebibyte);
    expect(process.bytes).toBeLessThan(14 * mebibyte);
    expect(dispatch.unpacked).toBeLessThan(3 * mebibyte);
    expect(settle.unpacked).toBeLessThan(3 * mebibyte);
    // Lambda takes 250 MB.
    expect(process.unpacked).toBeLessThan(32 * mebibyte);
    for (const { bytes, unpacked } of [dispatch, process, settle]) {
      expect(bytes).toBeGreaterThan(100_000);
      expect(unpacked).toBeGreaterThan(bytes);
    }
  });

  it('hold no tests, no TypeScript of ours, no source maps and no secrets', () => {
    for (const { entries } of [dispatch, process, settle])
      for (const { name, bytes } of entries) {
        expect(name).not.toMatch(/\.map$|(^|\/)\.(env|npmrc|git)|\.test\.|(^|\/)tests?\/|\.(pem|key)$/);
        if (name.startsWith('node_modules/')) continue;
        expect(name).not.toMatch(/\.ts$/);
        const text = bytes.toString('latin1');
        const secret = /sourceMappingURL=|-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}/.exec(text);
        expect(secret?.[0], name).toBeUndefined();
      }
  });
});

describe('what reads the archives', () => {
  /** An archive of one file, as the specification has it. */
  const archiveOf = (name: string, bytes: Buffer, method: 0 | 8): Buffer => {
    const data = method === 8 ? deflateRawSync(bytes) : bytes;
    const sizes = (header: Buffer, at: number) => {
      header.writeUInt32LE(data.length, at);
      header.writeUInt32LE(bytes.length, at + 4);
      header.writeUInt16LE(name.length, at + 8);
    };
    const local = Buffer.alloc(30);
    local.write('PK\x03\x04', 'latin1');
    local.writeUInt16LE(method, 8);
    sizes(local, 18);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(method, 10);
    sizes(entry, 20);
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(local.length + name.length + data.length, 16);
    return Buffer.concat([local, Buffer.from(name), data, entry, Buffer.from(name), end]);
  };

  it.each([0, 8] as const)('reads method %i', (method) => {
    const bytes = Buffer.from('a picture '.repeat(100));
    expect(readZip(archiveOf('folder/file.txt', bytes, method))).toEqual([{ name: 'folder/file.txt', bytes }]);
  });

  it('refuses what is no archive', () => {
    expect(() => readZip(Buffer.from('a picture'))).toThrow('Expected a zip archive.');
  });

  it("tells a machine's native code from another's", () => {
    const elf = Buffer.alloc(64);
    elf.write('\x7fELF', 'latin1');
    elf.writeUInt16LE(183, 18);
    expect(elfMachine(elf)).toBe('arm64');
    elf.writeUInt16LE(62, 18);
    expect(elfMachine(elf)).toBe('x86_64');
    expect(elfMachine(Buffer.from('#!/usr/bin/env node, and more text'))).toBeUndefined();
    expect(isNative(Buffer.from('cffaedfe0c000001', 'hex'))).toBe(true);
  });
});
