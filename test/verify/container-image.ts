import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../deploy/images/find-engine.ts';
import { runCommand } from '../../deploy/images/run-command.ts';

/** What the header of an ELF file calls the processors that images are built for (e_machine). */
export const elfMachines = { 'linux/amd64': 62, 'linux/arm64': 183 } as const;
export type Platform = keyof typeof elfMachines;

/** This machine's. */
export const ownPlatform: Platform = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

/** Runs one of an engine's commands and returns what it wrote. Throws Error with its last words where it fails. */
export const engineSays = async (engine: Engine, args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await runCommand(engine.command, args);
  if (code === 0) return stdout.trim();
  throw new Error(`Expected '${engine.command} ${args.join(' ')}' to succeed but it ended with ${code}: ${stderr}`);
};

/** An image's size, unpacked, in MB. */
export const imageMegabytes = async (engine: Engine, image: string): Promise<number> =>
  Number(await engineSays(engine, ['image', 'inspect', '--format', '{{.Size}}', image])) / 1e6;

/** The ELF files of an image, with the processor that each is for, by path. Nothing of the image is run. */
export const programsOf = async (engine: Engine, image: string, platform: Platform): Promise<Map<string, number>> => {
  const folder = await mkdtemp(join(tmpdir(), 'kadam-image-'));
  try {
    await unpackImage(engine, image, platform, folder);
    const machines = new Map<string, number>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const machine = await elfMachine(path);
      if (machine !== undefined) machines.set(path.slice(folder.length), machine);
    }
    return machines;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const unpackImage = async (engine: Engine, image: string, platform: Platform, folder: string): Promise<void> => {
  const created = await engineSays(engine, ['create', `--platform=${platform}`, image, 'true']);
  const container = created.split('\n').at(-1) ?? '';
  try {
    const archive = `${folder}.tar`;
    await engineSays(engine, ['export', `--output=${archive}`, container]);
    // Owners are of no interest, and devices not everybody's to make; files that nobody may read have to be read.
    const words = ['-xf', archive, '-C', folder, '--no-same-owner', '--exclude=dev/*', '--mode=u+rwX'];
    const { code, stderr } = await runCommand('tar', words);
    await rm(archive);
    if (code !== 0) throw new Error(`Expected tar to unpack ${image} but it ended with ${code}: ${stderr}`);
  } finally {
    await engineSays(engine, ['rm', container]);
  }
};

/** What an ELF file is for; undefined for every other file. */
const elfMachine = async (path: string): Promise<number | undefined> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(20), 0, 20, 0);
    if (bytesRead < 20 || buffer.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
    return buffer.readUInt16LE(18);
  } finally {
    await file.close();
  }
};
